"""Bits, coders of symbols and the text coder, from FORMAT.md."""
import re
from mix import Stream

class BitReader:
    """Most significant bits first; `finish` gives the place back."""
    def __init__(self, reader):
        self.reader, self.value, self.have = reader, 0, 0

    def read(self, width):
        while self.have < width:
            self.value, self.have = self.value << 8 | self.reader.u8(), self.have + 8
        self.have -= width
        found, self.value = self.value >> self.have, self.value & (1 << self.have) - 1
        return found

    def finish(self):
        if self.value:
            raise ValueError('ones in the rest of the last byte')
        self.have = 0

def raw(bits, count, alphabet):
    width = (alphabet - 1).bit_length()
    found = [bits.read(width) for _ in range(count)]
    if any(symbol >= alphabet for symbol in found):
        raise ValueError('a symbol outside')
    return found

def huffman(bits, count, alphabet):
    if count == 0:
        return []
    form = bits.read(2)
    if form == 0:
        return [bits.read((alphabet - 1).bit_length())] * count
    length = bits.read(5)
    if form == 1:
        return [bits.read(length) for _ in range(count)]
    lengths, sum_left = {}, 2 ** 20
    symbol = 0
    while sum_left > 0:
        if bits.read(1):
            if not bits.read(1):
                length += 1
            elif not bits.read(1):
                length -= 1
            elif bits.read(1):
                length = bits.read(5)
            else:
                more = 0
                while not bits.read(1):
                    more += 1
                symbol += (1 << more) + (bits.read(more) if more else 0)
                continue
        lengths[symbol], symbol, sum_left = length, symbol + 1, sum_left - 2 ** (20 - length)
    codes, code, before = {}, 0, 0
    for symbol in sorted(lengths, key=lambda s: (lengths[s], s)):
        code <<= lengths[symbol] - before
        before = lengths[symbol]
        codes[before, code], code = symbol, code + 1
    found = []
    for _ in range(count):
        length = code = 0
        while (length, code) not in codes:
            length, code = length + 1, code << 1 | bits.read(1)
        found.append(codes[length, code])
    return found

def rans(bits, count, alphabet):
    if count == 0:
        return []
    more = 0
    while not bits.read(1):
        more += 1
    table = Stream(bytes(bits.read(8) for _ in range((1 << more | bits.read(more)) - 1)))
    bits.finish()
    scale, words, last, slots, before, symbol = table.number(20), table.number(21), table.number(22), [], 0, 0
    while symbol <= last:
        frequency = table.number(before)
        slots += [(symbol, frequency, i) for i in range(frequency)]
        before = (frequency).bit_length()
        symbol += 1 if frequency else 1 + table.number(23)
    source = iter([bits.read(8) | bits.read(8) << 8 for _ in range(words)])
    states, found = [next(source) | next(source) << 16 for _ in range(4)], []
    for i in range(count):
        symbol, frequency, place = slots[states[i % 4] & (1 << scale) - 1]
        state = frequency * (states[i % 4] >> scale) + place
        states[i % 4] = state if state >> 16 else state << 16 | next(source)
        found.append(symbol)
    if states != [65536] * 4 or next(source, None) is not None:
        raise ValueError('states that do not end where they began')
    return found

SYMBOL_CODERS = [raw, huffman, rans]

def decode_text(length, coded, document):
    """The contents of a coded section of words; knots and primer stand in the document."""
    knots, primer = (re.search('```%s\n(.*?)\n```' % name, document, re.S).group(1) for name in ['knots', 'primer'])
    knots = [int(knot) for knot in knots.split()]

    def squash(x):
        if abs(x) > 2047:
            return 4095 if x > 0 else 1
        low, part = (x >> 7) + 16, x & 127
        return (knots[low] * (128 - part) + knots[low + 1] * part + 64) >> 7
    curve = [(x, squash(x)) for x in range(-2047, 2048)]
    stretch = [next((x for x, y in curve if y >= p), 2047) for p in range(4096)]
    chance, seen, weights = [32768] * (6 << 14), [0] * (6 << 14), [[22000] * 6 for _ in range(7)]
    hashes, recent = [0] * 6, [0] * 6
    source, low, high, at = iter(coded), 0, 2 ** 32 - 1, 0
    code = int.from_bytes([next(source, 0) for _ in range(4)], 'big')
    out = []
    for known in [*primer.encode(), *[None] * length]:
        partial = 1
        while partial < 256:
            places = [i << 14 | (((hashes[i] + partial * 0x9e3779b1) * 0x2545f491) & 0xffffffff) >> 18 for i in range(6)]
            inputs = [stretch[chance[place] >> 4] for place in places]
            used = weights[sum(seen[place] > 0 for place in places)]
            mixed = squash(sum(x * w for x, w in zip(inputs, used)) >> 16)
            if known is None:
                middle = low + (high - low) * min(max(mixed, 1), 4095) // 4096
                bit = int(code <= middle)
                low, high = (low, middle) if bit else (middle + 1, high)
                while low >> 24 == high >> 24:
                    low, high, code = low << 8 & 0xffffffff, high << 8 & 0xffffffff | 255, code << 8 & 0xffffffff | next(source, 0)
            else:
                bit = known >> (7 - (partial.bit_length() - 1)) & 1
            error = ((bit << 12) - mixed) * 10
            for i, place in enumerate(places):
                used[i] += (inputs[i] * error + 8192) >> 14
                chance[place] += ((65535 * bit - chance[place]) * (131072 // (2 * seen[place] + 3))) >> 16
                seen[place] = min(seen[place] + 1, 60)
            partial = 2 * partial + bit
        recent, h = [partial & 255, *recent[:5]], 0
        for i in range(1, 6):
            h = (h + recent[i - 1] + 1) * 0x2c1b3c6d & 0xffffffff
            hashes[i] = h ^ h >> 15
        if known is None:
            out.append(partial & 255)
    return bytes(out)
