"""Bits, coders of symbols and the text coder of FORMAT.md, decoding only."""
import copy, re
from pathlib import Path
from mix import Stream

FORMAT = (Path(__file__).parents[2] / 'packages/runtime/FORMAT.md').read_text(encoding='utf-8')
def table(name): return re.search('```' + name + '\n(.*?)\n```', FORMAT, re.S).group(1)
def check(condition, what):
    if not condition:
        raise ValueError(what)

class BitReader:
    """Most significant bits first. Bytes are taken from the reader when they are needed."""
    def __init__(self, reader): self.reader, self.value, self.have = reader, 0, 0
    def read(self, width):
        while self.have < width:
            self.value, self.have = self.value << 8 | self.reader.u8(), self.have + 8
        self.have -= width
        found, self.value = self.value >> self.have, self.value & (1 << self.have) - 1
        return found
    def gamma(self):
        more = 0
        while not self.read(1):
            more += 1
        return 1 << more | self.read(more)
    def finish(self):
        check(self.value == 0, 'ones in the rest of the last byte')
        self.have = 0

def raw(bits, count, alphabet):
    found = [bits.read((alphabet - 1).bit_length()) for _ in range(count)]
    check(all(symbol < alphabet for symbol in found), 'a symbol outside')
    return found

def huffman(bits, count, alphabet):
    if count == 0:
        return []
    form = bits.read(2)
    if form == 0:
        return [bits.read((alphabet - 1).bit_length())] * count
    length, lengths, left, symbol = bits.read(5), {}, 2 ** 20, 0
    if form == 1:
        return [bits.read(length) for _ in range(count)]
    while left > 0:
        ones = 0
        while ones < 4 and bits.read(1):
            ones += 1
        if ones == 3:
            symbol += bits.gamma()
            continue
        length = bits.read(5) if ones == 4 else length + (0, 1, -1)[ones]
        lengths[symbol], symbol, left = length, symbol + 1, left - 2 ** (20 - length)
    codes, code, before, found = {}, 0, 0, []
    for symbol in sorted(lengths, key=lambda s: (lengths[s], s)):
        code, before = code << lengths[symbol] - before, lengths[symbol]
        codes[before, code], code = symbol, code + 1
    for _ in range(count):
        length = code = 0
        while (length, code) not in codes:
            length, code = length + 1, code << 1 | bits.read(1)
        found.append(codes[length, code])
    return found

def rans(bits, count, alphabet):
    if count == 0:
        return []
    stream = Stream(bytes(bits.read(8) for _ in range(bits.gamma() - 1)))
    bits.finish()
    scale, words, last, slots, before, symbol, found = stream.number(20), stream.number(21), stream.number(22), [], 0, 0, []
    while symbol <= last:
        frequency = stream.number(before)
        slots += [(symbol, frequency, i) for i in range(frequency)]
        before, symbol = frequency.bit_length(), symbol + (1 if frequency else 1 + stream.number(23))
    source = iter([bits.read(8) | bits.read(8) << 8 for _ in range(words)])
    states = [next(source) | next(source) << 16 for _ in range(4)]
    for i in range(count):
        symbol, frequency, place = slots[states[i % 4] & (1 << scale) - 1]
        state = frequency * (states[i % 4] >> scale) + place
        states[i % 4] = state if state >> 16 else state << 16 | next(source)
        found.append(symbol)
    check(states == [65536] * 4 and next(source, None) is None and stream.ended(), 'states that do not end where they began')
    return found

CODERS = [raw, huffman, rans]
KNOTS = [int(knot) for knot in table('knots').split()]
def squash(x):
    if abs(x) > 2047:
        return 4095 if x > 0 else 1
    low, part = (x >> 7) + 16, x & 127
    return (KNOTS[low] * (128 - part) + KNOTS[low + 1] * part + 64) >> 7
CURVE = [(x, squash(x)) for x in range(-2047, 2048)]
STRETCH = [next((x for x, y in CURVE if y >= p), 2047) for p in range(4096)]

class TextModel:
    primed = None
    def __init__(self):
        if TextModel.primed is None:
            self.slots, self.weights, self.hashes, self.recent = {}, [[22000] * 6 for _ in range(7)], [0] * 6, [0] * 6
            for byte in table('primer').encode():
                self.byte(lambda _, partial: byte >> 8 - partial.bit_length() & 1)
            TextModel.primed = copy.deepcopy(self.__dict__)
        self.__dict__.update(copy.deepcopy(TextModel.primed))
    def byte(self, coded):
        """One byte whose bits `coded` tells, given the chance of a 1 and the bits before."""
        partial = 1
        while partial < 256:
            places = [(i, ((self.hashes[i] + partial * 0x9e3779b1) * 0x2545f491 & 0xffffffff) >> 18) for i in range(6)]
            slots = [self.slots.get(place, (32768, 0)) for place in places]
            inputs, used = [STRETCH[chance >> 4] for chance, _ in slots], self.weights[sum(seen > 0 for _, seen in slots)]
            mixed = squash(sum(x * w for x, w in zip(inputs, used)) >> 16)
            bit = coded(min(max(mixed, 1), 4095), partial)
            for i, (place, (chance, seen)) in enumerate(zip(places, slots)):
                used[i] += inputs[i] * ((bit << 12) - mixed) * 10 + 8192 >> 14
                self.slots[place] = chance + ((65535 * bit - chance) * (131072 // (2 * seen + 3)) >> 16), min(seen + 1, 60)
            partial = 2 * partial + bit
        self.recent, h = [partial & 255, *self.recent[:5]], 0
        for i in range(1, 6):
            h = (h + self.recent[i - 1] + 1) * 0x2c1b3c6d & 0xffffffff
            self.hashes[i] = h ^ h >> 15
        return partial & 255
    def decode(self, length, coded):
        source, low, high = iter(coded), 0, 2 ** 32 - 1
        code = int.from_bytes([next(source, 0) for _ in range(4)], 'big')
        def bit(chance, _):
            nonlocal low, high, code
            middle = low + (high - low) * chance // 4096
            found = int(code <= middle)
            low, high = (low, middle) if found else (middle + 1, high)
            while low >> 24 == high >> 24:
                low, high, code = low << 8 & 0xffffffff, high << 8 & 0xffffffff | 255, code << 8 & 0xffffffff | next(source, 0)
            return found
        return bytes(self.byte(bit) for _ in range(length))
