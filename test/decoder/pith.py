"""A second decoder of .pith files, written from packages/runtime/FORMAT.md; standard library only. `python3 pith.py FILE …` prints a line of
JSON for each file: root, metadata, model, and of each tensor name, type, dims and the SHA-256 of its dense form; or what is wrong."""
import base64, bisect, copy, functools, hashlib, json, re, struct, sys, types
from itertools import accumulate
from math import copysign, inf, isqrt, prod
from pathlib import Path

FORMAT = (Path(__file__).parents[2] / 'packages/runtime/FORMAT.md').read_text(encoding='utf-8')
def table(name): return re.search('```' + name + '\n(.*?)\n```', FORMAT, re.S).group(1)
OPERATORS, ATTRIBUTES = table('operators').split(), [word.split(':') for word in table('attributes').split()]
SIXTEENTHS, NEXT_STATE = [float(word) for word in table('sixteenths').split()], [int(word) for word in table('trellis').split()]
KINDS = 'float int string tensor graph floats ints strings graphs opaque'.split()
BITS = {1: 32, 2: 8, 3: 8, 4: 16, 5: 16, 6: 32, 7: 64, 9: 8, 10: 16, 11: 64, 12: 32, 13: 64, 16: 16, 17: 8, 18: 8, 19: 8, 20: 8, 21: 4, 22: 4}
FLOAT32, FLOAT16, FLOAT64, BFLOAT16 = 1, 10, 11, 16
FLOAT_PARTS = {FLOAT32: (8, 23), FLOAT16: (5, 10), BFLOAT16: (8, 7)}
def byte_size(dtype, dims): return (prod(dims) * BITS[dtype] + 7) // 8
def wide_of(dtype): return max(BITS[dtype] // 8, 1)
LONG, ODDS = 131072, [*accumulate(range(3071), lambda odds, _: odds * 1.0039138893383475, initial=1.0)]
BELOW = [max(int(65536 / (1 + odds)), 1) for odds in ODDS]
SQUASH = BELOW[::-1] + [65536 - chance for chance in BELOW[1:]]
def held(x, low, high): return min(max(x, low), high)
STRETCH = [held(bisect.bisect_left(SQUASH, 16 * i + 8) - 3071, -2047, 2047) for i in range(4096)]
def unfolded(n): return -(n + 1) // 2 if n % 2 else n // 2
def int32(x): return (x + 2 ** 31) % 2 ** 32 - 2 ** 31
def hashed(kind, x, node): return kind << 16 | (x * 40503 + node) * 25717 >> 3 & 65535
def moved(mean, size, seen): return mean + (((size << 8) - mean) * (65536 // (2 * seen + 3)) + 16384 >> 15)
def log(mean):
    octave = (mean | 1).bit_length() - 1
    return octave << 4 | ((mean | 1) << 4 >> octave) & 15
def folded(view):
    _, columns, positions = view
    return (LONG, 1) if columns * positions > LONG else (columns * positions, 1) if positions > 1024 else (columns, positions)
def density(count, more, among): return held(21 + (log((count << 8) + more) - log(among << 8) >> 3), 0, 21)
def sign_of(x): return 1 if x > 0 else 2 if x < 0 else 0
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
    def __init__(self, coder, sets, limit, last_rate, opinions=4, weight=24000, rate=14, cut=0):
        self.coder, self.limit, self.last_rate, self.rate, self.cut, self.slots = coder, limit, last_rate, rate, cut, {}
        self.meanings = {}
        self.weights, self.seen = [[weight] * opinions for _ in range(sets)], [0] * sets
    def learn(self, at, chance, count, bit):
        away = (2097151 if bit else -2097152) - chance
        self.slots[at] = chance + ((away >> 3) * (16384 // (2 * count + 3)) >> 10), count + (count < self.limit)
        return bit
    def plain(self, at):
        chance, count = self.slots.get(at, (0, 0))
        return self.learn(at, chance, count, self.coder.bit(held((chance >> 6) + 32768, 32, 65504)))
    def bit(self, number, *places, meaning=None):
        slots = [self.slots.get(at, (0, 0)) for at in places]
        slots = [one if one[1] else (slots[0][0], 0) for one in slots]
        inputs, weights = [STRETCH[(chance >> 10) + 2048] for chance, _ in slots], self.weights[number]
        odds = held(sum(w * x >> self.cut for w, x in zip(weights, inputs)) >> 16 - self.cut, -3071, 3071)
        chance, rate = SQUASH[odds + 3071], self.rate + (self.seen[number] >> 8)
        bit = self.coder.bit(chance) if meaning is None else self.meant(meaning, odds + 3072 >> 8, odds & 255, chance)
        self.seen[number] += rate < self.last_rate
        for i, x in enumerate(inputs):
            weights[i] += x * ((bit << 16) - chance) + (1 << rate - 1) >> rate; self.learn(places[i], *slots[i], bit)
        return bit
    def meant(self, meaning, k, f, chance):
        knots = self.meanings.setdefault(meaning, [SQUASH[held(256 * i - 3072, -3071, 3071) + 3071] for i in range(25)])
        bit = self.coder.bit(chance + (knots[k] * (256 - f) + knots[k + 1] * f >> 8) >> 1)
        for i, share in (k, 256 - f), (k + 1, f): knots[i] += ((65535 if bit else 1) - knots[i]) * share + 8192 >> 14
        return bit
    def beyond(self, first):
        rest = 1
        for _ in range(next((i for i in range(24) if not self.plain((first, i))), 24)):
            rest = 2 * rest + self.coder.raw()
        return 14 + rest
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
        columns, self.positions = folded(view); self.width = columns * self.positions
        self.pad, self.tensor, self.row_mean, self.row, self.at, self.before = max(self.positions, 8), mean, mean, 0, 0, 0
        self.above, self.higher = [0] * (self.pad + self.width + 1), [0] * (self.pad + self.width + 1)
        self.column_means, self.position_means = {}, {}
    def look(self):
        here, above = self.pad + self.at, self.above; self.column, self.position = divmod(self.at, self.positions)
        self.row_mean = self.row_mean if self.at else self.tensor
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
        self.row = min(self.row + (self.at + 1 == self.width), 1024)
        self.before, self.at = self.before + 1, (self.at + 1) % self.width
class Stream:
    def __init__(self, data):
        self.coder, self.around = Range(data), Surroundings()
        settings = ((1, 30, 14), (30, 255, 17), (1, 1023, 19), (17, 255, 17), (8, 255, 18), (32, 1023, 18), (1, 255, 18), (16, 127, 17))
        (self.numbers, self.level_bits, self.mask_bits, self.symbol_bits, self.exponents, self.mantissas, self.signs,
         self.octets) = (Mixer(self.coder, *one) for one in settings)
        self.zeros, self.scarce_bits = Mixer(self.coder, 4, 255, 16, 11, 11500, 13, 8), Mixer(self.coder, 9, 255, 16)
        self.zeros.slots = {(0, kind): (0 if kind == 3 else -24000 << 6, 6) for kind in range(4)}
    def ended(self): return self.coder.at >= len(self.coder.data) - 4
    def number(self, kind):
        node = found = 1
        for _ in range(6): node = 2 * node + self.numbers.plain((kind, node))
        width = min(node - 64, 32)
        for _ in range(width - 1):
            found = 2 * found + (self.numbers.plain((kind, width, found)) if found < 4 else self.coder.raw())
        return found if width else 0
    def signed(self, kind): return unfolded(self.number(kind))
    def levels(self, size, view, trellis):
        self.around.start(view, 256); state, found = 0, []
        for _ in range(size):
            self.around.look(); found.append(self.level(self.around, state & 1))
            state = NEXT_STATE[2 * state + (found[-1] & 1)] if trellis else 0
            self.around.correct(held(found[-1], -255, 255)); self.around.put(held(found[-1], -255, 255))
        return found
    def level(self, a, odd):
        predicted, found, row = held(log(abs(a.prediction)) - a.expected + 64 >> 3, 0, 15), 0, a.row_log >> 3 << 4
        left, up, across, leftmost = (min(abs(x), 3) for x in (a.left, a.up, a.across, a.leftmost))
        contexts = left << 6 | up << 4 | across << 2 | leftmost, row | a.near >> 4, row | a.column_log >> 4, a.expected >> 2 << 4 | predicted
        while found < 15 and self.level_bits.bit(2 * found + odd, *[(i, 2 * found + odd, x) for i, x in enumerate(contexts)]):
            found += 1
        found = self.level_bits.beyond('rest') if found == 15 else found
        return -found if found and self.level_bits.plain(('sign', a.prediction < 0, predicted, min(found, 3))) else found
    def scarce(self, size, view):
        (columns, n), found, row_count, slice_count, total = folded(view), [], 0, 0, 0
        width, side, kind = columns * n, isqrt(n), 3 if view[0] == 1 else 0 if n == 1 else 1 if columns == 1 else 2
        side, flat, above, counts, leaning, column_counts = side if side * side == n else n, n == 1, *([0] * width for _ in range(4))
        for i in range(size):
            r, at = min(i // width, 4095), i % width; row, c, p = found[i - at:], at // n, at % n
            x, place, row_count = p % side, 4 * counts[at], row_count if at else 0
            def beside(dx, dy): return row[at - dy * side - dx] if 0 <= x - dx < side and p >= dy * side else 0
            ways = (1, 0), (0, 1), (1, 1), (-1, 1), (2, 0), (0, 2), (1, 2), (-1, 2)
            left, up, corner, other, left2, up2, *far = (beside(*way) for way in ways)
            if flat: left, up, corner = row[at - 1] if c else 0, above[at], row[at - 2] if c > 1 else 0
            before = row[at - n] if c else 0
            for y in () if flat else (at - side, at, at + side):
                if at - p <= y < at - p + n:
                    weight = 2 if y == at else 1
                    place += (y != at) * 2 * counts[y] + weight * ((counts[y - 1] if x else 0) + (counts[y + 1] if x + 1 < side else 0))
            by_place = density(place, 154, 4 * r + 6) if flat else density(place, 614, 16 * r + 24)
            by_row, by_column = density(row_count, 102, at + 3), density(column_counts[c], 102, r * n + p + 3)
            by_all, by_slice = density(total, 128, min(i, 4194303) + 5), density(slice_count, 77, p + 2) if p else 31
            near = 2 * (min(abs(left), 2) + min(abs(up), 2)) + (corner != 0) + (other != 0) + min(abs(left2), 2) + min(abs(up2), 2)
            expected = held(by_row + by_column - by_all + (0 if flat else by_place - by_all), 0, 63)
            sides = (left != 0) + 2 * (up != 0) + 4 * (corner != 0) + 8 * (other != 0)
            contexts = (0, by_row, (by_column, 0 if flat else by_place), (by_row, by_column), sides, (by_place, sides & 3 != 0),
                        (by_slice, min(p, 31)), (min(near, 15), by_all), expected,
                        (sides, *(x != 0 for x in (left2, up2, *far))),
                        [16 * a // b if b < 65536 else 0 for a, b in ((x, side), (p // side, n // side))])
            places = [(k, kind, str(x)) if k else (0, kind) for k, x in enumerate(contexts)]
            level = self.zeros.bit(kind, *places, meaning=(kind, by_row))
            if level:
                bit, around = self.scarce_bits.bit, sign_of(left + up + corner + other)
                sides = 0, (sign_of(left), sign_of(up)), (sign_of(before), sign_of(above[at])), (sign_of(leaning[at]), around)
                sign = bit(0, *[('sign', k, kind, x) for k, x in enumerate(sides)])
                sizes = 0, by_row, (min(abs(left), 3), min(abs(up), 3)), by_column
                while level <= 14 and bit(min(level, 8), *[('size', k, kind, level, x) for k, x in enumerate(sizes)]):
                    level += 1
                level = (-1 if sign else 1) * (self.scarce_bits.beyond('rest') if level == 15 else level)
                column_counts[c], total = min(column_counts[c] + 1, 4194303), min(total + 1, 4194303)
                row_count, slice_count = row_count + 1, slice_count + 1
            found.append(level); slice_count = slice_count if p + 1 < n else 0
            if at + 1 == width:
                above = found[-width:]; counts = [min(count + (x != 0), 4095) for count, x in zip(counts, above)]
                leaning = [held(lean + (x > 0) - (x < 0), -4095, 4095) for lean, x in zip(leaning, above)]
        return found
    def mask(self, size, view):
        a, since, found = self.around, 0, []; a.start(view, 2048)
        for _ in range(size):
            a.look(); steps = since if since < 16 else 11 + since.bit_length()
            found.append(self.mask_bits.bit(0, (0, (a.up > 0) << 7 | (a.across > 0) << 6 | (a.leftmost > 0) << 5 | steps),
                                            (1, a.row_log >> 3 << 4 | a.near >> 4), (2, a.column_log >> 3 << 5 | min(a.position, 31)),
                                            (3, a.expected >> 2 << 4 | a.near >> 4)))
            a.put(32 * found[-1]); since = 0 if found[-1] else min(since + 1, 1048575)
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
        width = held(width, 1, LONG); above, means, before, row_mean, found = [0] * width, [0] * width, 0, 0, []
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
                places = hashed(0, 0, i), hashed(1, node, exponent), *(hashed(kind, x, i) for kind, x in enumerate(seen, 2))
                node = 2 * node + self.mantissas.bit(8 + i, *places)
            sign = self.signs.plain((before >> sign_at & 1) << 1 | up >> sign_at & 1)
            before = above[at] = (sign << exponent_bits | exponent) << mantissa_bits | node & ones
            found.append(before)
        return found
    def bytes(self, length, wide, width):
        width = held(width, 1, LONG // wide) * wide; above, before, found = [0] * width, [0] * wide, bytearray(length)
        for n in range(length):
            at, plane = n % width, n % wide; higher = above[at - 1] if plane else 0
            contexts = plane, before[plane] << 4 | plane, above[at] << 4 | plane, (before[plane] << 8 | higher) << 4 | plane
            above[at] = before[plane] = found[n - plane + wide - 1 - plane] = self.octets.tree([plane] * 8, contexts) - 256
        return bytes(found)
class Reader:
    """Numbers, blobs, lists; and bits, most significant first, until `align`."""
    def __init__(self, data): self.data, self.at, self.value, self.have = data, 0, 0, 0
    def left(self): return len(self.data) - self.at
    def bytes(self, count):
        assert count <= self.left(), 'truncated'; self.at += count
        return bytes(self.data[self.at - count:self.at])
    def u8(self): return self.bytes(1)[0]
    def number(self, limit):
        value, shift, byte = 0, 0, 128
        while byte > 127:
            byte = self.u8(); value, shift = value | (byte & 127) << shift, shift + 7
        assert value < limit and (byte or shift == 7), 'a number'
        return value
    def varint(self): return self.number(2 ** 53)
    def int64(self): return unfolded(self.number(2 ** 64))
    def blob(self): return self.bytes(self.varint())
    def hex(self): return self.blob().hex()
    def string(self): return self.blob().decode('utf-8')
    def list(self, item): return [item() for _ in range(self.varint())]
    def pairs(self, item): return self.list(lambda: [self.string(), item()])
    def read(self, width):
        while self.have < width: self.value, self.have = self.value << 8 | self.u8(), self.have + 8
        self.have -= width; found, self.value = self.value >> self.have, self.value & (1 << self.have) - 1
        return found
    def gamma(self):
        more = next(i for i in range(64) if self.read(1))
        return 1 << more | self.read(more)
    def align(self):
        assert self.value == 0, 'ones in the rest of a byte'; self.have = 0
def raw(bits, count, alphabet): return [bits.read((alphabet - 1).bit_length()) for _ in range(count)]
def huffman(bits, count, alphabet):
    form = bits.read(2) if count else 0
    if form == 0: return [bits.read((alphabet - 1).bit_length())] * count if count else []
    length, lengths, left, symbol, codes, code, before, found = bits.read(5), {}, 2 ** 20, 0, {}, 0, 0, []
    if form == 1: return [bits.read(length) for _ in range(count)]
    while left > 0:
        ones = next((i for i in range(4) if not bits.read(1)), 4)
        if ones == 3:
            symbol += bits.gamma(); continue
        length = bits.read(5) if ones == 4 else length + (0, 1, -1)[ones]
        lengths[symbol], symbol, left = length, symbol + 1, left - 2 ** (20 - length)
    for symbol in sorted(lengths, key=lambda s: (lengths[s], s)):
        code, before = code << lengths[symbol] - before, lengths[symbol]; codes[before, code], code = symbol, code + 1
    for _ in range(count):
        word = (0, 0)
        while word not in codes: word = word[0] + 1, word[1] << 1 | bits.read(1)
        found.append(codes[word])
    return found
def rans(bits, count):
    stream = Stream(bytes(bits.read(8) for _ in range(bits.gamma() - 1)))
    bits.align()
    scale, length, last, slots, before, symbol, found = stream.number(20), stream.number(21), stream.number(22), [], 0, 0, []
    while symbol <= last:
        frequency = stream.number(before); slots += [(symbol, frequency, i) for i in range(frequency)]
        before, symbol = frequency.bit_length(), symbol + (1 if frequency else 1 + stream.number(23))
    source = iter([bits.read(8) | bits.read(8) << 8 for _ in range(length)])
    states = [next(source) | next(source) << 16 for _ in range(4)]
    for i in range(count):
        symbol, frequency, place = slots[states[i % 4] & (1 << scale) - 1]
        state = frequency * (states[i % 4] >> scale) + place
        states[i % 4] = state if state >> 16 else state << 16 | next(source); found.append(symbol)
    assert states == [65536] * 4 and next(source, None) is None and stream.ended(), 'states that do not end where they began'
    return found
CODERS = [raw, huffman, lambda bits, count, alphabet: rans(bits, count) if count else []]
KNOTS = [int(knot) for knot in table('knots').split()]
def text_squash(x):
    low, part = (x >> 7) + 16, x & 127
    return 4095 if x > 2047 else 1 if x < -2047 else (KNOTS[low] * (128 - part) + KNOTS[low + 1] * part + 64) >> 7
TEXT_STRETCH = [min(bisect.bisect_left(range(-2047, 2048), p, key=text_squash) - 2047, 2047) for p in range(4096)]
class TextModel:
    """Contexts of 0 to 5 bytes, mixed; `coded` tells each bit, given the chance of a 1 and the bits before."""
    def __init__(self): self.slots, self.weights, self.hashes, self.recent = {}, [[22000] * 6 for _ in range(7)], [0] * 6, [0] * 6
    def byte(self, coded):
        partial = 1
        while partial < 256:
            places = [(i, ((self.hashes[i] + partial * 0x9e3779b1) * 0x2545f491 & 0xffffffff) >> 18) for i in range(6)]
            slots = [self.slots.get(place, (32768, 0)) for place in places]
            inputs, used = [TEXT_STRETCH[chance >> 4] for chance, _ in slots], self.weights[sum(seen > 0 for _, seen in slots)]
            mixed = text_squash(sum(x * w for x, w in zip(inputs, used)) >> 16)
            bit = coded(min(max(mixed, 1), 4095), partial)
            for i, (place, (chance, seen)) in enumerate(zip(places, slots)):
                used[i] += inputs[i] * ((bit << 12) - mixed) * 10 + 8192 >> 14
                self.slots[place] = chance + ((65535 * bit - chance) * (131072 // (2 * seen + 3)) >> 16), min(seen + 1, 60)
            partial = 2 * partial + bit
        self.recent, h = [partial & 255, *self.recent[:5]], 0
        for i in range(1, 6):
            h = (h + self.recent[i - 1] + 1) * 0x2c1b3c6d & 0xffffffff; self.hashes[i] = h ^ h >> 15
        return partial & 255
@functools.cache
def primed():
    model = TextModel()
    for byte in table('primer').encode() + base64.b64decode(table('typical')):
        model.byte(lambda _, partial: byte >> 8 - partial.bit_length() & 1)
    return model
def decode_text(length, coded):
    model, source, low, high = copy.deepcopy(primed()), iter(coded), 0, 2 ** 32 - 1
    code = int.from_bytes([next(source, 0) for _ in range(4)], 'big')
    def bit(chance, _):
        nonlocal low, high, code
        middle = low + (high - low) * chance // 4096; found = int(code <= middle)
        low, high = (low, middle) if found else (middle + 1, high)
        while low >> 24 == high >> 24:
            low, high, code = low << 8 & 0xffffffff, high << 8 & 0xffffffff | 255, code << 8 & 0xffffffff | next(source, 0)
        return found
    return bytes(model.byte(bit) for _ in range(length))
class GraphSection:
    """`model` as plain data; `declared`: name, element type, dims, number of the first tensor with the same contents."""
    def __init__(self, data, related):
        self.r, self.unnamed, self.declared = r, _, _ = Reader(data), 0, []
        model = {'irVersion': r.varint(), 'opsets': r.pairs(r.varint),
                 **{key: r.string() for key in ('producerName', 'producerVersion', 'domain', 'doc')},
                 'modelVersion': str(r.int64()), 'metadata': r.pairs(r.string), 'functions': r.list(r.hex)}
        for i, name in enumerate(names := r.list(r.string)):
            code = r.varint(); first = i if code else r.varint(); usual = (*self.declared[-1][2], 0)[0] if related and i else 0
            self.declared.append((name, *((code, r.list(lambda: r.varint() or usual)) if code else self.declared[first][1:3]), first))
        self.prefix = r.string(); self.model = {**model, 'graph': self.graph(names, None)}
    def graph(self, declared, parent):
        r, scope = self.r, types.SimpleNamespace(constants=list(parent.constants) if parent else [], values=list(parent.values) if parent else [])
        scope.next = len(scope.constants)
        graph = {'name': r.string(), 'initializers': r.list(lambda: [r.string(), *self.tensor()]) if parent else []}
        graph['opaque'] = r.list(lambda: [r.string(), r.u8(), r.hex()])
        scope.constants += declared + [one[0] for one in graph['initializers'] + graph['opaque']]
        graph['inputs'] = r.list(lambda: [r.string(), *self.value_type()])
        scope.values += [value[0] for value in graph['inputs']]
        named, made, graph['outputs'], graph['nodes'] = {}, 0, [], []
        for _ in range(r.varint()):
            number = r.varint(); name = r.string() if number else self.reference(scope)
            named.update({number - 1: name} if number else {}); graph['outputs'].append([name, *self.value_type()])
        for _ in range(r.varint()):
            graph['nodes'].append(self.node(scope)); outputs = graph['nodes'][-1]['outputs']
            for i, present in enumerate(outputs):
                outputs[i] = '' if not present else named[made] if made in named else self.prefix + str(self.unnamed)
                self.unnamed += present and made not in named
                made, scope.values = made + present, scope.values + [outputs[i]] * present
        return graph
    def node(self, scope):
        r, code = self.r, self.r.varint()
        domain, op = ('', OPERATORS[code - 1]) if code else (r.string(), r.string())
        return {'op': op, 'domain': domain, 'inputs': r.list(lambda: self.reference(scope)), 'outputs': r.list(r.u8),
                'attributes': r.list(lambda: self.attribute(scope))}
    def reference(self, scope):
        code = self.r.varint(); scope.next += code == 1
        return ('' if code == 0 else scope.constants[scope.next - 1] if code == 1 else scope.constants[self.r.varint()] if code == 2
                else scope.values[2 - code])
    def attribute(self, scope):
        r, code = self.r, self.r.varint()
        kind, name = ATTRIBUTES[code - 1][::-1] if code else (KINDS[r.varint()], r.string())
        read = {'float': lambda: r.bytes(4)[::-1].hex(), 'int': lambda: str(r.int64()), 'string': r.string, 'tensor': self.tensor,
                'graph': lambda: self.graph([], scope), 'opaque': r.hex}
        return [name, kind, read[kind]() if kind in read else r.list(read[kind[:-1]])]
    def tensor(self):
        dtype, dims = self.r.varint(), self.r.list(self.r.varint)
        return [dtype, dims, self.r.bytes(byte_size(dtype, dims)).hex()]
    def value_type(self):
        r, code = self.r, self.r.varint(); rank = 0 if code == 127 else r.varint()
        sizes = ((size - 2 if size > 1 else r.string() if size else None) for size in (r.varint() for _ in range(rank - 1)))
        return [0, None, r.hex()] if code == 127 else [code, list(sizes) if rank else None, None]
def planes(bits, coder, count, wide):
    """Numbers of so many bytes, little-endian."""
    out = bytearray(count * wide)
    if coder == CODERS[0]: return bytes(bits.read(8) for _ in out)
    for p in range(wide): out[p::wide] = bytes((coder if bits.read(1) else CODERS[0])(bits, count, 256))
    return bytes(out)
def words(data): return list(struct.unpack('<%dI' % (len(data) // 4), data))
def at_gaps(gaps, kept): return [at - 1 for at, keep in zip(accumulate(gap + 1 for gap in gaps), kept) if keep]
def scattered(size, positions, values):
    out = dict(zip(positions, values))
    return struct.pack('<%dI' % size, *[out.get(i, 0) for i in range(size)])
def read_record(r, dtype, dims):
    """The dense bytes of a record under coders of symbols."""
    head, size, wide = r.u8(), prod(dims), wide_of(dtype)
    form, coder = head & 15, CODERS[head >> 4]
    if form == 0: dense = planes(r, coder, byte_size(dtype, dims) // wide, wide)
    elif form == 1:
        b, entries = r.varint(), r.varint()
        gaps, values = coder(r, entries, 2 ** b), words(planes(r, coder, entries, 4))
        dense = scattered(size, at_gaps(gaps, values), [value for value in values if value])
    elif form == 2:
        b = r.varint(); entries, k = r.varint() if b else size, r.varint(); book = words(planes(r, coder, k, 4))
        gaps = coder(r, entries, 2 ** b) if b else [0] * size; symbols = coder(r, entries, k + 1)
        dense = scattered(size, at_gaps(gaps, symbols), [book[s - 1] for s in symbols if s])
    else:
        assert form == 3, 'a parametrization'; flags = r.varint()
        view, step = read_view(flags, dims, r.varint), r.int64()
        low, span = (0, 0) if flags & 32 else (r.int64(), r.varint())
        steps = [struct.unpack('%db' % view[i], planes(r, coder, view[i], 1)) if flags & 2 << i else [0] * view[i] for i in (0, 1)]
        levels = [0] * size if flags & 32 else coder(r, size, span + 1) if span < 65536 else words(planes(r, coder, size, 4))
        dense = uniform(dtype, flags, view, step, steps, [low + level for level in levels])
    r.align()
    return dense
def matrix(dims, transposed=False):
    if prod(dims) == 0 or len(dims) < 2: return [1, prod(dims), 1] if prod(dims) else [0, 0, 0]
    return [dims[-1], prod(dims[:-1]), 1] if transposed else [dims[0], dims[1], prod(dims[2:])]
def read_view(flags, dims, number): return [number(), number(), number()] if flags & 16 else matrix(dims, flags & 8)
def rounded(x, form, limit): return struct.pack(form, x if abs(x) < limit else copysign(inf, x))
def element(x, dtype):
    """The bytes of a float: rounded to float32, then to its type; from where the next power of two is nearer, infinity."""
    float32 = rounded(x, '<f', 2 ** 128 - 2 ** 103)
    word, number = words(float32)[0], struct.unpack('<f', float32)[0]
    if dtype == BFLOAT16: return struct.pack('<H', word + 0x7fff + (word >> 16 & 1) >> 16)
    return float32 if dtype == FLOAT32 else rounded(number, '<d', inf) if dtype == FLOAT64 else rounded(number, '<e', 65520)
def uniform(dtype, flags, view, step, steps, levels):
    rows, columns, positions = view
    wide, state = wide_of(dtype), 0
    out = bytearray(wide * len(levels))
    for i, level in enumerate(levels):
        r, c, p = i // (columns * positions), i // positions % columns, i % positions
        e = min(max(step + steps[0][r] + steps[1][c], -2048), 2047)
        delta = struct.unpack('<f', struct.pack('<f', 2.0 ** (e // 16) * SIXTEENTHS[e % 16]))[0]
        value = 2 * level - (state & 1) * ((level > 0) - (level < 0)) if flags & 1 else level
        state = NEXT_STATE[2 * state + (level & 1)]; at = (c * positions + p) * rows + r if flags & 8 else i
        out[at * wide:(at + 1) * wide] = element(value * delta, dtype) if level else bytes(wide)
    return bytes(out)
def read_mixed(stream, dtype, dims):
    """The dense bytes of a record in a mix stream."""
    size, wide, form = prod(dims), wide_of(dtype), stream.number(0)
    if form == 0:
        length, width = byte_size(dtype, dims), prod(dims[1:]) if len(dims) > 1 else size
        if stream.number(1): return (bytes(stream.number(2) for _ in range(wide)) * length)[:length]
        if dtype in FLOAT_PARTS:
            return struct.pack('<%d%s' % (size, 'I' if dtype == FLOAT32 else 'H'), *stream.floats(size, width, *FLOAT_PARTS[dtype]))
        return stream.bytes(length, wide, width if BITS[dtype] > 4 else (width + 1) // 2)
    if form == 3:
        flags = stream.number(6); view, step = read_view(flags, dims, lambda: stream.number(7)), stream.signed(8)
        steps = [list(accumulate(stream.signed(9 + i) if flags & 2 << i else 0 for _ in range(view[i]))) for i in (0, 1)]
        return uniform(dtype, flags, view, step, steps, [0] * size if flags & 32 else
                       stream.scarce(size, view) if flags & 64 else stream.levels(size, view, flags & 1))
    assert form == 1 or form == 2 and stream.number(4) <= 16, 'a parametrization'
    way = stream.number(3)
    mask = [way == 1] * size if way else stream.mask(size, matrix(dims))
    positions = [i for i in range(size) if mask[i]]
    k = len(positions) if form == 1 else stream.number(5)
    values = stream.floats(k, k, *FLOAT_PARTS[FLOAT32])
    return scattered(size, positions, values if form == 1 else [values[s] for s in stream.symbols(mask, k, matrix(dims))])
def read_file(data):
    r = Reader(data)
    assert r.bytes(5) == b'\x89PTH\x01', 'signature and version'
    header, metadata, dense = Reader(r.blob()), [], {}
    features = header.varint(); one, bare = features % 2, features > 1; left = 0 if bare else header.varint()
    root = hashlib.sha256(data[:r.at] + data[r.at + 16:] * one).digest()[:16]
    assert features in (0, 1, 3) and r.bytes(16) == root and len(data) <= 65536 ** (2 - one), 'features, root or digest, length'
    for kind, length, digest in [(4, header.varint(), None)] + [(3, header.varint(), None) for _ in iter(header.left, 0)] if bare else \
            header.list(lambda: (header.varint(), header.varint(), None if one else header.bytes(16))):
        content = Reader(r.bytes(length))
        assert digest in (None, hashlib.sha256(content.data).digest()[:16]) and (0 < kind < 5 or kind > 127), 'digest and kind'
        if kind in (1, 2, 4):
            source, form = content.blob() if kind == 4 else b'', content.u8()
            text = decode_text(content.varint(), content.bytes(content.left())) if form else content.bytes(content.left())
            left, reader = left - len(text), Reader(text)
            if kind != 2: metadata = reader.pairs(reader.string) + [['source', source.hex()]] * (source != b'')
        if kind in (2, 4):
            section = GraphSection(reader.bytes(reader.left()), kind == 4); own = [i for i, one in enumerate(section.declared) if one[3] == i]
            assert bare or left == sum(byte_size(*one[1:3]) for one in section.declared), 'decoded size'
        elif kind == 3:
            form, count = content.u8(), content.varint()
            some, stream = own[len(dense):][:count], Stream(content.bytes(content.left())) if form else None
            assert form < 2 and 0 < count == len(some), 'records'
            for i in some:
                dense[i] = (read_mixed if form else read_record)(stream or content, *section.declared[i][1:3])
            assert content.left() == 0 and (not form or stream.ended()), 'more behind the records'
    assert r.left() == header.left() == 0 and len(dense) == len(own), 'the end'
    tensors = [[name, dtype, dims, hashlib.sha256(dense[first]).hexdigest()] for name, dtype, dims, first in section.declared]
    return {'root': root.hex(), 'metadata': metadata, 'model': section.model, 'tensors': tensors}

if __name__ == '__main__':
    for path in sys.argv[1:]:
        try:
            print(json.dumps(read_file(Path(path).read_bytes())))
        except (AssertionError, ValueError, LookupError, TypeError, StopIteration, struct.error) as error:
            print(json.dumps({'error': repr(error)}))
