"""The coder mix of FORMAT.md, decoding only."""
LONG, NEXT_STATE = 131072, [0, 2, 5, 7, 1, 3, 6, 4, 2, 0, 4, 6, 3, 1, 7, 5]

def make_tables():
    below, odds, stretch, x = [], 1.0, [], -2047
    for _ in range(3072):
        below.append(max(int(65536 / (1 + odds)), 1))
        odds *= 1.0039138893383475
    squash = below[::-1] + [65536 - chance for chance in below[1:]]
    for i in range(4096):
        while x < 2047 and squash[x + 3071] < 16 * i + 8:
            x += 1
        stretch.append(x)
    return squash, stretch
SQUASH, STRETCH = make_tables()

def held(x, low, high): return min(max(x, low), high)
def int32(x): return (x + 2 ** 31) % 2 ** 32 - 2 ** 31
def hashed(kind, x, node): return kind << 16 | (x * 40503 + node) * 25717 >> 3 & 65535
def moved(mean, size, seen): return mean + (((size << 8) - mean) * (65536 // (2 * seen + 3)) + 16384 >> 15)
def log(mean):
    octave = (mean | 1).bit_length() - 1
    return octave << 4 | ((mean | 1) << 4 >> octave) & 15

class Range:
    """The range decoder; zeros past the end, at most four."""
    def __init__(self, data):
        self.data, self.at, self.range, self.code = data + bytes(4), 4, 2 ** 32 - 1, int.from_bytes((data + bytes(4))[:4], 'big')
    def took(self, bit, code, size):
        self.code, self.range = code, size
        while self.range < 2 ** 24:
            self.code, self.range, self.at = self.code << 8 | self.data[self.at], self.range << 8, self.at + 1
        return bit
    def bit(self, chance):
        bound = self.range * chance >> 16
        return self.took(1, self.code, bound) if self.code < bound else self.took(0, self.code - bound, self.range - bound)
    def raw(self):
        half = self.range >> 1
        return self.took(1, self.code - half, half) if self.code >= half else self.took(0, self.code, half)

class Mixer:
    """Bits under slots of chance and count, mixed by sets of weights."""
    def __init__(self, coder, sets, limit, last_rate):
        self.coder, self.limit, self.last_rate, self.slots = coder, limit, last_rate, {}
        self.weights, self.seen = [[24000] * 4 for _ in range(sets)], [0] * sets
    def learn(self, at, chance, count, bit):
        away = (2097151 if bit else -2097152) - chance
        self.slots[at] = chance + ((away >> 3) * (16384 // (2 * count + 3)) >> 10), count + (count < self.limit)
        return bit
    def plain(self, at):
        chance, count = self.slots.get(at, (0, 0))
        return self.learn(at, chance, count, self.coder.bit(held((chance >> 6) + 32768, 32, 65504)))
    def bit(self, number, *places):
        slots = [self.slots.get(at, (0, 0)) for at in places]
        slots = [one if one[1] else (slots[0][0], 0) for one in slots]
        inputs, weights = [STRETCH[(chance >> 10) + 2048] for chance, _ in slots], self.weights[number]
        chance = SQUASH[held(sum(w * x for w, x in zip(weights, inputs)) >> 16, -3071, 3071) + 3071]
        bit, rate = self.coder.bit(chance), 14 + (self.seen[number] >> 8)
        self.seen[number] += rate < self.last_rate
        for i, x in enumerate(inputs):
            weights[i] += x * ((bit << 16) - chance) + (1 << rate - 1) >> rate
            self.learn(places[i], *slots[i], bit)
        return bit
    def tree(self, sets, contexts):
        """A number from its top bit down, a bit for each of the sets, under its bits so far."""
        node = 1
        for number in sets:
            node = 2 * node + self.bit(number, *[hashed(kind, x, node) for kind, x in enumerate(contexts)])
        return node

class Surroundings:
    """What is known of an entry of a matrix before it is decoded."""
    def __init__(self): self.predictor = [0] * 8192
    def start(self, view, mean):
        _, columns, positions = view
        long = columns * positions > LONG
        self.positions, self.width = 1 if long or positions > 1024 else positions, LONG if long else columns * positions
        self.pad, self.tensor, self.row_mean, self.row, self.at, self.before = max(self.positions, 8), mean, mean, 0, 0, 0
        self.above, self.higher = [0] * (self.pad + self.width + 1), [0] * (self.pad + self.width + 1)
        self.column_means, self.position_means = {}, {}
    def look(self):
        here, above = self.pad + self.at, self.above
        self.column, self.position = divmod(self.at, self.positions)
        self.row_mean = self.row_mean if self.at else self.tensor
        if self.row == 0:
            self.column_means.setdefault(self.column, self.tensor)
            self.position_means.setdefault(self.position, self.tensor)
        self.left, self.leftmost, self.up, self.across = above[here - 1], above[here - 2], above[here], above[here - self.positions]
        around = self.left, self.leftmost, above[here - 3], self.up, above[here + 1], self.higher[here], self.across
        self.near = log(sum(abs(size) * times for size, times in zip(around, (3, 2, 1, 3, 1, 2, 4))) << 4)
        self.row_log, self.column_log, self.tensor_log = log(self.row_mean), log(self.column_means[self.column]), log(self.tensor)
        self.expected = held(self.row_log + self.column_log + log(self.position_means[self.position]) - 2 * self.tensor_log, 0, 255)
        self.taps, self.first = above[here - 8:here], 8 * self.position
        self.prediction = int32(sum(p * x for p, x in zip(self.predictor[self.first:], self.taps))) >> 8
    def correct(self, value):
        scale, error = sum(x * x for x in self.taps).bit_length(), 2 * held((value << 8) - self.prediction, -65535, 65535)
        for i, x in enumerate(self.taps, self.first):
            self.predictor[i] = int32(self.predictor[i] + (error * x + ((1 << scale) >> 1) >> scale))
    def put(self, value):
        here, size, column, position = self.pad + self.at, abs(value), self.column, self.position
        self.higher[here], self.above[here] = abs(self.above[here]), value
        self.row_mean = moved(self.row_mean, size, min(self.at, 60) + 2)
        self.column_means[column] = moved(self.column_means[column], size, min(self.row * self.positions + position, 60) + 2)
        self.position_means[position] = moved(self.position_means[position], size, min(250 if self.row else column, 250) + 2)
        self.tensor = moved(self.tensor, size, min(self.before, 250) + 2)
        self.before, self.at = self.before + 1, self.at + 1
        if self.at == self.width:
            self.at, self.row = 0, min(self.row + 1, 1024)

class Stream:
    def __init__(self, data):
        self.coder, self.around = Range(data), Surroundings()
        settings = ((1, 30, 14), (30, 255, 17), (1, 1023, 19), (17, 255, 17), (8, 255, 18), (32, 1023, 18), (1, 255, 18), (16, 127, 17))
        (self.numbers, self.level_bits, self.mask_bits, self.symbol_bits, self.exponents, self.mantissas, self.signs,
         self.octets) = (Mixer(self.coder, *one) for one in settings)
    def ended(self): return self.coder.at >= len(self.coder.data) - 4
    def number(self, kind):
        node = found = 1
        for _ in range(6):
            node = 2 * node + self.numbers.plain((kind, node))
        width = min(node - 64, 32)
        for _ in range(width - 1):
            found = 2 * found + (self.numbers.plain((kind, width, found)) if found < 4 else self.coder.raw())
        return found if width else 0
    def signed(self, kind):
        number = self.number(kind)
        return -(number + 1) // 2 if number % 2 else number // 2

    def levels(self, size, view, trellis):
        self.around.start(view, 256)
        state, found = 0, []
        for _ in range(size):
            self.around.look()
            found.append(self.level(self.around, state & 1))
            state = NEXT_STATE[2 * state + (found[-1] & 1)] if trellis else 0
            self.around.correct(held(found[-1], -255, 255))
            self.around.put(held(found[-1], -255, 255))
        return found
    def level(self, a, odd):
        predicted, found, row = held(log(abs(a.prediction)) - a.expected + 64 >> 3, 0, 15), 0, a.row_log >> 3 << 4
        left, up, across, leftmost = (min(abs(x), 3) for x in (a.left, a.up, a.across, a.leftmost))
        contexts = left << 6 | up << 4 | across << 2 | leftmost, row | a.near >> 4, row | a.column_log >> 4, a.expected >> 2 << 4 | predicted
        while found < 15 and self.level_bits.bit(2 * found + odd, *[(i, 2 * found + odd, x) for i, x in enumerate(contexts)]):
            found += 1
        if found == 15:
            width, rest = 0, 1
            while width < 24 and self.level_bits.plain(('rest', width)):
                width += 1
            for _ in range(width):
                rest = 2 * rest + self.coder.raw()
            found = 14 + rest
        return -found if found and self.level_bits.plain(('sign', a.prediction < 0, predicted, min(found, 3))) else found

    def mask(self, size, view):
        a, since, found = self.around, 0, []
        a.start(view, 2048)
        for _ in range(size):
            a.look()
            steps = since if since < 16 else 11 + since.bit_length()
            found.append(self.mask_bits.bit(0, (0, (a.up > 0) << 7 | (a.across > 0) << 6 | (a.leftmost > 0) << 5 | steps),
                                            (1, a.row_log >> 3 << 4 | a.near >> 4), (2, a.column_log >> 3 << 5 | min(a.position, 31)),
                                            (3, a.expected >> 2 << 4 | a.near >> 4)))
            a.put(32 * found[-1])
            since = 0 if found[-1] else min(since + 1, 1048575)
        return found

    def symbols(self, mask, alphabet, view):
        bits, width, before, found = (alphabet - 1).bit_length(), min(view[1] * view[2], LONG), 0, []
        above, coarse = [0] * width, max(bits - 4, 0)
        for at in (i % width for i, kept in enumerate(mask) if kept):
            contexts = 0, before, above[at], (before >> coarse << 5) + (above[at] >> coarse)
            found.append(self.symbol_bits.tree(range(1, bits + 1), contexts) - (1 << bits))
            above[at] = before = found[-1] + 1
        return found

    def floats(self, size, width, exponent_bits, mantissa_bits):
        width = held(width, 1, LONG)
        above, means, before, row_mean, found = [0] * width, [0] * width, 0, 0, []
        top, sign_at, lower, ones = 1 << exponent_bits, exponent_bits + mantissa_bits, max(mantissa_bits - 8, 0), (1 << mantissa_bits) - 1
        for at in (n % width for n in range(size)):
            up, column, (near, over) = above[at], means[at], ((x >> mantissa_bits & top - 1) for x in (before, above[at]))
            exponent = self.exponents.tree(range(exponent_bits)[::-1], (0, row_mean >> 2, column >> 2, near << 8 | over)) - top
            row_mean = row_mean + ((exponent << 4) - row_mean >> 3) if at else exponent << 4
            means[at] = column + ((exponent << 4) - column >> 2) if column else exponent << 4
            node = self.mantissas.tree(range(mantissa_bits - lower), (0, exponent, before >> lower & 65535, up >> lower & 65535))
            for i in range(lower)[::-1]:
                so_far, zeros = node - (1 << mantissa_bits - 1 - i), node & (1 << lower - 1 - i) - 1 == 0
                seen = ((so_far == (x & ones) >> i + 1) << 2 | (x >> i & 1) << 1 | zeros for x in (before, up))
                node = 2 * node + self.mantissas.bit(8 + i, hashed(0, 0, i), hashed(1, node, exponent), *[hashed(k, x, i) for k, x in enumerate(seen, 2)])
            sign = self.signs.plain((before >> sign_at & 1) << 1 | up >> sign_at & 1)
            before = above[at] = (sign << exponent_bits | exponent) << mantissa_bits | node & ones
            found.append(before)
        return found

    def bytes(self, length, wide, width):
        width = held(width, 1, LONG // wide) * wide
        above, before, found = [0] * width, [0] * wide, bytearray(length)
        for n in range(length):
            at, plane = n % width, n % wide
            higher = above[at - 1] if plane else 0
            contexts = plane, before[plane] << 4 | plane, above[at] << 4 | plane, (before[plane] << 8 | higher) << 4 | plane
            above[at] = before[plane] = found[n - plane + wide - 1 - plane] = self.octets.tree([plane] * 8, contexts) - 256
        return bytes(found)
