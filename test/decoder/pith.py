"""A second decoder of .pith files, from packages/runtime/FORMAT.md alone; standard library only. `python3 pith.py FILE …` prints for each
file one line of JSON: root, metadata, model, and for each tensor its type, dims and the SHA-256 of its dense form, or the error."""
import hashlib
import json
import re
import struct
import sys
from pathlib import Path

import mix
from coders import BitReader, SYMBOL_CODERS, decode_text

FORMAT = (Path(__file__).parents[2] / 'packages/runtime/FORMAT.md').read_text(encoding='utf-8')


def table(name):
    """The words of a fenced table of FORMAT.md."""
    return re.search('```' + name + '\n(.*?)\n```', FORMAT, re.S).group(1)


OPERATORS = table('operators').split()
ATTRIBUTES = [word.split(':') for word in table('attributes').split()]
SIXTEENTHS = [float(word) for word in table('sixteenths').split()]
NEXT_STATE = [int(word) for word in table('trellis').split()]
KINDS = ['float', 'int', 'string', 'tensor', 'graph', 'floats', 'ints', 'strings', 'graphs', 'opaque']
BITS = {1: 32, 2: 8, 3: 8, 4: 16, 5: 16, 6: 32, 7: 64, 9: 8, 10: 16, 11: 64, 12: 32, 13: 64, 16: 16, 17: 8, 18: 8, 19: 8, 20: 8, 21: 4, 22: 4}
FLOAT32, FLOAT16, FLOAT64, BFLOAT16 = 1, 10, 11, 16
FLOATS = {FLOAT32: (8, 23), FLOAT16: (5, 10), BFLOAT16: (8, 7)}


def check(condition, what):
    if not condition:
        raise ValueError(what)


class Reader:
    """Numbers, blobs and lists from bytes."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def left(self):
        return len(self.data) - self.at

    def bytes(self, count):
        check(count <= self.left(), 'truncated')
        self.at += count
        return bytes(self.data[self.at - count:self.at])

    def u8(self):
        return self.bytes(1)[0]

    def number(self, limit):
        value = shift = 0
        while True:
            byte = self.u8()
            value |= (byte & 127) << shift
            check(value < limit, 'a number too large')
            if byte < 128:
                check(byte > 0 or shift == 0, 'a number not in its shortest form')
                return value
            shift += 7

    def varint(self):
        return self.number(2 ** 53)

    def int64(self):
        value = self.number(2 ** 64)
        return -(value + 1) // 2 if value % 2 else value // 2

    def f32(self):
        return self.bytes(4)[::-1].hex()

    def blob(self):
        return self.bytes(self.varint())

    def string(self):
        return self.blob().decode('utf-8')

    def list(self, item):
        return [item() for _ in range(self.varint())]

    def pairs(self):
        found = self.list(lambda: (self.string(), self.string()))
        check(len(dict(found)) == len(found), 'a key twice')
        return found

    def dims(self):
        dims = self.list(self.varint)
        check(product(dims) < 2 ** 53, 'too many elements')
        return dims

    def dtype(self, code=None):
        code = self.varint() if code is None else code
        check(code in BITS, 'an unknown element type')
        return code


def product(numbers):
    result = 1
    for number in numbers:
        result *= number
    return result


def byte_size(dtype, dims):
    return (product(dims) * BITS[dtype] + 7) // 8


class Scope:
    """Names of initializers and values that a graph sees, those of the graphs around first."""

    def __init__(self, parent):
        self.constants = list(parent.constants) if parent else []
        self.values = list(parent.values) if parent else []
        self.next = len(self.constants)


class GraphReader:
    def __init__(self, reader):
        self.r = reader
        self.unnamed = 0

    def section(self):
        r = self.r
        model = {'irVersion': r.varint(), 'opsets': r.list(lambda: [r.string(), r.varint()])}
        for key in ['producerName', 'producerVersion', 'domain', 'doc']:
            model[key] = r.string()
        model['modelVersion'] = str(r.int64())
        model['metadata'] = [list(pair) for pair in r.pairs()]
        model['functions'] = r.list(lambda: r.blob().hex())
        names = r.list(r.string)
        declared = []
        for name in names:
            code = r.varint()
            if code == 0:
                first = r.varint()
                check(first < len(declared) and declared[first]['repeats'] is None, 'what repeats')
                declared.append({**declared[first], 'name': name, 'repeats': first})
            else:
                declared.append({'name': name, 'dtype': r.dtype(code), 'dims': r.dims(), 'repeats': None})
        self.prefix = r.string()
        model['graph'] = self.graph(names, None)
        check(r.left() == 0, 'more behind the graph')
        return model, declared

    def graph(self, declared, parent):
        r, scope = self.r, Scope(parent)
        scope.constants += declared
        graph = {'name': r.string(), 'initializers': [], 'opaque': [], 'nodes': []}
        if parent:
            for _ in range(r.varint()):
                name = r.string()
                graph['initializers'].append([name, *self.tensor()])
                scope.constants.append(name)
        for _ in range(r.varint()):
            name, sparse, proto = r.string(), r.u8(), r.blob().hex()
            graph['opaque'].append([name, sparse, proto])
            scope.constants.append(name)
        graph['inputs'] = r.list(lambda: [r.string(), *self.value_type()])
        scope.values += [value[0] for value in graph['inputs']]
        named = {}

        def output():
            number = r.varint()
            name = r.string() if number else self.reference(scope)
            if number:
                named[number - 1] = name
            return [name, *self.value_type()]
        graph['outputs'] = r.list(output)
        made = 0
        for _ in range(r.varint()):
            node = self.node(scope)
            outputs = []
            for present in node['outputs']:
                name = ''
                if present:
                    name = named.get(made)
                    if name is None:
                        name, self.unnamed = self.prefix + str(self.unnamed), self.unnamed + 1
                    scope.values.append(name)
                    made += 1
                outputs.append(name)
            node['outputs'] = outputs
            graph['nodes'].append(node)
        check(all(number < made for number in named), 'an output that is not made')
        return graph

    def node(self, scope):
        r = self.r
        code = r.varint()
        domain, op = ('', OPERATORS[code - 1]) if code else (r.string(), r.string())
        inputs = r.list(lambda: self.reference(scope))
        outputs = r.list(r.u8)
        return {'op': op, 'domain': domain, 'inputs': inputs, 'outputs': outputs, 'attributes': r.list(lambda: self.attribute(scope))}

    def reference(self, scope):
        code = self.r.varint()
        if code == 0:
            return ''
        if code == 1:
            scope.next += 1
            return scope.constants[scope.next - 1]
        if code == 2:
            return scope.constants[self.r.varint()]
        check(code - 3 < len(scope.values), 'a value that is not made')
        return scope.values[-1 - (code - 3)]

    def attribute(self, scope):
        r = self.r
        code = r.varint()
        kind, name = ATTRIBUTES[code - 1][::-1] if code else (KINDS[r.varint()], r.string())
        read = {'float': r.f32, 'int': lambda: str(r.int64()), 'string': r.string, 'tensor': self.tensor,
                'graph': lambda: self.graph([], scope), 'opaque': lambda: r.blob().hex()}
        return [name, kind, read[kind]() if kind in read else r.list(read[kind[:-1]])]

    def tensor(self):
        dtype, dims = self.r.dtype(), self.r.dims()
        return [dtype, dims, self.r.bytes(byte_size(dtype, dims)).hex()]

    def value_type(self):
        r = self.r
        code = r.varint()
        if code == 127:
            return [0, None, r.blob().hex()]
        rank = r.varint()
        return [code and r.dtype(code), [self.dim() for _ in range(rank - 1)] if rank else None, None]

    def dim(self):
        code = self.r.varint()
        return None if code == 0 else self.r.string() if code == 1 else code - 2


def read_words(section):
    r = Reader(section)
    form = r.u8()
    check(form in (0, 1), 'form of words')
    return r.bytes(r.left()) if form == 0 else decode_text(r.varint(), section[r.at:], FORMAT)


def planes(bits, coder, count, wide):
    """Little-endian numbers, as their bytes."""
    if coder == SYMBOL_CODERS[0]:
        return bytes(bits.read(8) for _ in range(count * wide))
    out = bytearray(count * wide)
    for p in range(wide):
        out[p::wide] = bytes((coder if bits.read(1) else SYMBOL_CODERS[0])(bits, count, 256))
    return bytes(out)


def words_of(data):
    return list(struct.unpack('<%dI' % (len(data) // 4), data))


def from_gaps(gaps, bits, kept, size):
    """Positions of the entries that are kept."""
    positions, at = [], -1
    for gap, keep in zip(gaps, kept):
        at += gap + 1
        check(at < size, 'an entry outside')
        check(keep or gap == 2 ** bits - 1, 'a filler after a short gap')
        if keep:
            positions.append(at)
    check(not kept or kept[-1], 'a filler at the end')
    return positions


def scattered(size, positions, words):
    out = [0] * size
    for position, word in zip(positions, words):
        out[position] = word
    return struct.pack('<%dI' % size, *out)


def read_record(r, declared):
    """A record under coders of symbols: the dense bytes."""
    head = r.u8()
    form, coder, size = head & 15, SYMBOL_CODERS[head >> 4], product(declared['dims'])
    if form == 0:
        bits = BitReader(r)
        wide = max(BITS[declared['dtype']] // 8, 1)
        dense = planes(bits, coder, byte_size(declared['dtype'], declared['dims']) // wide, wide)
    elif form == 1:
        b, entries = r.varint(), r.varint()
        bits = BitReader(r)
        gaps = coder(bits, entries, 2 ** b)
        values = words_of(planes(bits, coder, entries, 4))
        positions = from_gaps(gaps, b, [value != 0 for value in values], size)
        dense = scattered(size, positions, [value for value in values if value])
    elif form == 2:
        b = r.varint()
        entries = r.varint() if b else size
        k = r.varint()
        bits = BitReader(r)
        book = words_of(planes(bits, coder, k, 4))
        gaps = coder(bits, entries, 2 ** b) if b else [0] * entries
        symbols = coder(bits, entries, k + 1)
        kept = [symbol > 0 for symbol in symbols]
        positions = from_gaps(gaps, b, kept, size) if b else [i for i in range(size) if kept[i]]
        dense = scattered(size, positions, [book[symbol - 1] for symbol in symbols if symbol])
    else:
        check(form == 3, 'an unknown parametrization')
        flags = r.varint()
        view = read_view(flags, declared['dims'], r.varint)
        step = r.int64()
        low, span = (0, 0) if flags & 32 else (r.int64(), r.varint())
        bits = BitReader(r)
        signed = lambda count: list(struct.unpack('%db' % count, planes(bits, coder, count, 1)))
        row_steps = signed(view[0]) if flags & 2 else [0] * view[0]
        column_steps = signed(view[1]) if flags & 4 else [0] * view[1]
        levels = [0] * size if flags & 32 else coder(bits, size, span + 1) if span < 65536 else words_of(planes(bits, coder, size, 4))
        dense = uniform(declared, flags, view, step, row_steps, column_steps, [low + level for level in levels])
    bits.finish()
    return dense


def matrix(dims, transposed=False):
    if product(dims) == 0:
        return [0, 0, 0]
    if len(dims) < 2:
        return [1, product(dims), 1]
    return [dims[-1], product(dims[:-1]), 1] if transposed else [dims[0], dims[1], product(dims[2:])]


def read_view(flags, dims, number):
    check(flags < 64, 'unknown flags')
    return [number(), number(), number()] if flags & 16 else matrix(dims, flags & 8 > 0)


def to_float32(x):
    try:
        return struct.unpack('<f', struct.pack('<f', x))[0]
    except OverflowError:
        return float('-inf') if x < 0 else float('inf')


def packed(x, dtype):
    """A float32 value in the bytes of its type."""
    if dtype == BFLOAT16:
        word = struct.unpack('<I', struct.pack('<f', x))[0]
        return struct.pack('<H', (word + 0x7fff + (word >> 16 & 1)) >> 16)
    try:
        return struct.pack({FLOAT32: '<f', FLOAT64: '<d', FLOAT16: '<e'}[dtype], x)
    except OverflowError:
        return struct.pack('<H', 0xfc00 if x < 0 else 0x7c00)


def uniform(declared, flags, view, step, row_steps, column_steps, levels):
    rows, columns, positions = view
    dtype, wide = declared['dtype'], BITS[declared['dtype']] // 8
    out, state, i = bytearray(wide * len(levels)), 0, 0
    for r in range(rows if levels else 0):
        for c in range(columns):
            e = min(max(step + row_steps[r] + column_steps[c], -2048), 2047)
            delta = to_float32(2.0 ** (e // 16) * SIXTEENTHS[e % 16])
            for p in range(positions):
                level = value = levels[i]
                if flags & 1:
                    value = 2 * level - (state & 1) * ((level > 0) - (level < 0))
                    state = NEXT_STATE[2 * state + (level & 1)]
                at = (c * positions + p) * rows + r if flags & 8 else i
                if level:
                    out[at * wide:(at + 1) * wide] = packed(to_float32(value * delta), dtype)
                i += 1
    return bytes(out)


def read_stream_record(stream, declared):
    """A record of a mix stream: the dense bytes."""
    dtype, dims = declared['dtype'], declared['dims']
    size, wide = product(dims), max(BITS[dtype] // 8, 1)
    form = stream.number(0)
    if form == 0:
        length = byte_size(dtype, dims)
        if stream.number(1):
            return (bytes(stream.number(2) for _ in range(wide)) * length)[:length]
        width = product(dims[1:]) if len(dims) > 1 else size
        if size == 0:
            return b''
        if dtype in (FLOAT32, FLOAT16, BFLOAT16):
            return struct.pack('<%d%s' % (size, 'I' if dtype == FLOAT32 else 'H'), *stream.floats(size, width, *FLOATS[dtype]))
        return stream.bytes(length, wide, width if BITS[dtype] > 4 else (width + 1) // 2)
    if form == 3:
        flags = stream.number(6)
        view = read_view(flags, dims, lambda: stream.number(7))
        step = stream.signed(8)
        steps = []
        for flag, count, slot in [(2, view[0], 9), (4, view[1], 10)]:
            steps.append([0] * count)
            if flags & flag:
                for i in range(count):
                    steps[-1][i] = (steps[-1][i - 1] if i else 0) + stream.signed(slot)
        levels = [0] * size if flags & 32 else stream.levels(size, view, flags & 1)
        return uniform(declared, flags, view, step, *steps, levels)
    check(form < 3, 'an unknown parametrization')
    if form == 2:
        stream.number(4)
    way = stream.number(3)
    mask = [1] * size if way == 1 else [0] * size if way == 2 else stream.mask(size, matrix(dims))
    positions = [i for i in range(size) if mask[i]]
    if form == 1:
        return scattered(size, positions, stream.floats(len(positions), len(positions), *FLOATS[FLOAT32]))
    k = stream.number(5)
    book = stream.floats(k, k, *FLOATS[FLOAT32])
    return scattered(size, positions, [book[symbol] for symbol in stream.symbols(mask, k, matrix(dims))])


def read_file(data):
    r = Reader(data)
    check(r.bytes(5) == b'\x89PTH\x01', 'signature and version')
    header = Reader(r.blob())
    root = hashlib.sha256(data[:r.at]).digest()[:16]
    check(r.bytes(16) == root, 'root')
    check(header.varint() == 0, 'features')
    decoded = header.varint()
    entries = header.list(lambda: (header.varint(), header.varint(), header.bytes(16)))
    metadata, model, declared, dense = [], None, [], []
    for kind, length, digest in entries:
        section = r.bytes(length)
        check(hashlib.sha256(section).digest()[:16] == digest, 'digest')
        if kind == 1:
            words = read_words(section)
            decoded -= len(words)
            metadata = Reader(words).pairs()
        elif kind == 2:
            words = read_words(section)
            model, declared = GraphReader(Reader(words)).section()
            check(decoded - len(words) == sum(byte_size(d['dtype'], d['dims']) for d in declared), 'decoded size')
        elif kind == 3:
            s = Reader(section)
            form, count = s.u8(), s.varint()
            mine = [d for d in declared if d['repeats'] is None][len(dense):][:count]
            check(form < 2 and 0 < count == len(mine), 'records')
            if form == 0:
                dense += [read_record(s, d) for d in mine]
            else:
                stream = mix.Stream(s.bytes(s.left()))
                dense += [read_stream_record(stream, d) for d in mine]
                stream.end()
            check(s.left() == 0, 'more behind the records')
        else:
            check(kind >= 128, 'an unknown section')
    check(r.left() == 0, 'more behind the file')
    own, tensors = iter(dense), []
    for d in declared:
        tensors.append([d['name'], d['dtype'], d['dims'], tensors[d['repeats']][3] if d['repeats'] is not None else hashlib.sha256(next(own)).hexdigest()])
    check(next(own, None) is None, 'tensors')
    return {'root': root.hex(), 'metadata': metadata, 'model': model, 'tensors': tensors}


if __name__ == '__main__':
    for path in sys.argv[1:]:
        try:
            print(json.dumps(read_file(Path(path).read_bytes())))
        except (ValueError, IndexError, KeyError, UnicodeDecodeError, struct.error) as error:
            print(json.dumps({'error': repr(error)}))
