"""A second decoder of .pith files, written from packages/runtime/FORMAT.md; standard library only. `python3 pith.py FILE …` prints a line of
JSON for each file: root, metadata, model, and of each tensor name, type, dims and the SHA-256 of its dense form; or what is wrong."""
import hashlib, json, struct, sys
from math import prod
from pathlib import Path
from coders import BitReader, CODERS, TextModel, check, table
from mix import Stream

OPERATORS, ATTRIBUTES = table('operators').split(), [word.split(':') for word in table('attributes').split()]
SIXTEENTHS, NEXT_STATE = ([float(word) for word in table(name).split()] for name in ('sixteenths', 'trellis'))
KINDS = 'float int string tensor graph floats ints strings graphs opaque'.split()
BITS = {1: 32, 2: 8, 3: 8, 4: 16, 5: 16, 6: 32, 7: 64, 9: 8, 10: 16, 11: 64, 12: 32, 13: 64, 16: 16, 17: 8, 18: 8, 19: 8, 20: 8, 21: 4, 22: 4}
FLOAT32, FLOAT16, FLOAT64, BFLOAT16 = 1, 10, 11, 16
FLOAT_PARTS = {FLOAT32: (8, 23), FLOAT16: (5, 10), BFLOAT16: (8, 7)}
def byte_size(dtype, dims): return (prod(dims) * BITS[dtype] + 7) // 8
def wide_of(dtype): return max(BITS[dtype] // 8, 1)

class Reader:
    """Numbers, blobs and lists from bytes."""
    def __init__(self, data): self.data, self.at = data, 0
    def left(self): return len(self.data) - self.at
    def bytes(self, count):
        check(count <= self.left(), 'truncated')
        self.at += count
        return bytes(self.data[self.at - count:self.at])
    def u8(self): return self.bytes(1)[0]
    def number(self, limit):
        value = shift = 0
        while True:
            byte = self.u8()
            value |= (byte & 127) << shift
            check(value < limit and (byte or not shift), 'a number')
            shift += 7
            if byte < 128:
                return value
    def varint(self): return self.number(2 ** 53)
    def int64(self):
        value = self.number(2 ** 64)
        return -(value + 1) // 2 if value % 2 else value // 2
    def blob(self): return self.bytes(self.varint())
    def hex(self): return self.blob().hex()
    def string(self): return self.blob().decode('utf-8')
    def list(self, item): return [item() for _ in range(self.varint())]
    def pairs(self, item):
        found = self.list(lambda: [self.string(), item()])
        check(len({key for key, _ in found}) == len(found), 'a key twice')
        return found
    def dtype(self, code=None):
        code = self.varint() if code is None else code
        check(code in BITS, 'an element type')
        return code
    def dims(self):
        dims = self.list(self.varint)
        check(prod(dims) < 2 ** 53, 'elements')
        return dims

class Scope:
    """Names of initializers and values that a graph sees, those of the graphs around first."""
    def __init__(self, parent):
        self.constants, self.values = (list(parent.constants), list(parent.values)) if parent else ([], [])
        self.next = len(self.constants)

class GraphSection:
    def __init__(self, data):
        self.r, self.unnamed, self.declared = r, _, _ = Reader(data), 0, []
        model = {'irVersion': r.varint(), 'opsets': r.pairs(r.varint)}
        model.update({key: r.string() for key in ('producerName', 'producerVersion', 'domain', 'doc')})
        model.update({'modelVersion': str(r.int64()), 'metadata': r.pairs(r.string), 'functions': r.list(r.hex)})
        names = r.list(r.string)
        for i, name in enumerate(names):
            code = r.varint()
            first = r.varint() if code == 0 else i
            check(first <= i and (code or self.declared[first][3] == first), 'what repeats')
            self.declared.append((name, *(self.declared[first][1:3] if code == 0 else (r.dtype(code), r.dims())), first))
        self.prefix = r.string()
        self.model = {**model, 'graph': self.graph(names, None)}
        check(r.left() == 0, 'more behind the graph')

    def graph(self, declared, parent):
        r, scope = self.r, Scope(parent)
        graph = {'name': r.string(), 'initializers': r.list(lambda: [r.string(), *self.tensor()]) if parent else []}
        graph['opaque'] = r.list(lambda: [r.string(), r.u8(), r.hex()])
        scope.constants += declared + [one[0] for one in graph['initializers'] + graph['opaque']]
        graph['inputs'] = r.list(lambda: [r.string(), *self.value_type()])
        scope.values += [value[0] for value in graph['inputs']]
        named, made, graph['outputs'], graph['nodes'] = {}, 0, [], []
        for _ in range(r.varint()):
            number = r.varint()
            name = r.string() if number else self.reference(scope)
            named.update({number - 1: name} if number else {})
            graph['outputs'].append([name, *self.value_type()])
        for _ in range(r.varint()):
            node = self.node(scope)
            for i, present in enumerate(node['outputs']):
                node['outputs'][i] = ''
                if present:
                    node['outputs'][i] = named[made] if made in named else self.prefix + str(self.unnamed)
                    self.unnamed, made = self.unnamed + (made not in named), made + 1
                    scope.values.append(node['outputs'][i])
            graph['nodes'].append(node)
        check(all(number < made for number in named), 'an output that is not made')
        return graph

    def node(self, scope):
        r, code = self.r, self.r.varint()
        domain, op = ('', OPERATORS[code - 1]) if code else (r.string(), r.string())
        return {'op': op, 'domain': domain, 'inputs': r.list(lambda: self.reference(scope)), 'outputs': r.list(r.u8),
                'attributes': r.list(lambda: self.attribute(scope))}

    def reference(self, scope):
        code = self.r.varint()
        if code == 1:
            scope.next += 1
        check(code < 3 or code - 3 < len(scope.values), 'a value that is not made')
        return ('' if code == 0 else scope.constants[scope.next - 1] if code == 1 else scope.constants[self.r.varint()] if code == 2
                else scope.values[2 - code])

    def attribute(self, scope):
        r, code = self.r, self.r.varint()
        kind, name = ATTRIBUTES[code - 1][::-1] if code else (KINDS[r.varint()], r.string())
        read = {'float': lambda: r.bytes(4)[::-1].hex(), 'int': lambda: str(r.int64()), 'string': r.string, 'tensor': self.tensor,
                'graph': lambda: self.graph([], scope), 'opaque': r.hex}
        return [name, kind, read[kind]() if kind in read else r.list(read[kind[:-1]])]

    def tensor(self):
        dtype, dims = self.r.dtype(), self.r.dims()
        return [dtype, dims, self.r.bytes(byte_size(dtype, dims)).hex()]

    def value_type(self):
        r, code = self.r, self.r.varint()
        if code == 127:
            return [0, None, r.hex()]
        rank = r.varint()
        return [code and r.dtype(code), [self.dim() for _ in range(rank - 1)] if rank else None, None]

    def dim(self):
        code = self.r.varint()
        return None if code == 0 else self.r.string() if code == 1 else code - 2

def planes(bits, coder, count, wide):
    """Numbers of so many bytes, little-endian."""
    if coder == CODERS[0]:
        return bytes(bits.read(8) for _ in range(count * wide))
    out = bytearray(count * wide)
    for p in range(wide):
        out[p::wide] = bytes((coder if bits.read(1) else CODERS[0])(bits, count, 256))
    return bytes(out)

def words(data): return list(struct.unpack('<%dI' % (len(data) // 4), data))
def signed(data): return list(struct.unpack('%db' % len(data), data))

def at_gaps(gaps, b, kept, size):
    """Positions of the entries that are kept; the others fill gaps."""
    positions, at = [], -1
    for gap, keep in zip(gaps, kept):
        at += gap + 1
        check(at < size and (keep or gap == 2 ** b - 1), 'an entry')
        positions += [at] if keep else []
    check(not kept or kept[-1], 'a filler at the end')
    return positions

def scattered(size, positions, values):
    out = [0] * size
    for position, value in zip(positions, values):
        out[position] = value
    return struct.pack('<%dI' % size, *out)

def read_record(r, dtype, dims):
    """The dense bytes of a record under coders of symbols."""
    head, size = r.u8(), prod(dims)
    form, coder, bits = head & 15, CODERS[head >> 4], BitReader(r)
    if form == 0:
        dense = planes(bits, coder, byte_size(dtype, dims) // wide_of(dtype), wide_of(dtype))
    elif form == 1:
        b, entries = r.varint(), r.varint()
        gaps, values = coder(bits, entries, 2 ** b), words(planes(bits, coder, entries, 4))
        dense = scattered(size, at_gaps(gaps, b, [value != 0 for value in values], size), [value for value in values if value])
    elif form == 2:
        b = r.varint()
        entries, k = r.varint() if b else size, r.varint()
        book = words(planes(bits, coder, k, 4))
        gaps = coder(bits, entries, 2 ** b) if b else None
        symbols = coder(bits, entries, k + 1)
        positions = at_gaps(gaps, b, [s > 0 for s in symbols], size) if b else [i for i in range(size) if symbols[i]]
        dense = scattered(size, positions, [book[s - 1] for s in symbols if s])
    else:
        check(form == 3, 'a parametrization')
        flags = r.varint()
        view, step = read_view(flags, dims, r.varint), r.int64()
        low, span = (0, 0) if flags & 32 else (r.int64(), r.varint())
        steps = [signed(planes(bits, coder, view[i], 1)) if flags & 2 << i else [0] * view[i] for i in (0, 1)]
        levels = [0] * size if flags & 32 else coder(bits, size, span + 1) if span < 65536 else words(planes(bits, coder, size, 4))
        dense = uniform(dtype, flags, view, step, steps, [low + level for level in levels])
    bits.finish()
    return dense

def matrix(dims, transposed=False):
    if prod(dims) == 0 or len(dims) < 2:
        return [1, prod(dims), 1] if prod(dims) else [0, 0, 0]
    return [dims[-1], prod(dims[:-1]), 1] if transposed else [dims[0], dims[1], prod(dims[2:])]

def read_view(flags, dims, number):
    check(flags < 64, 'flags')
    return [number(), number(), number()] if flags & 16 else matrix(dims, flags & 8)

def packed(x, form):
    """A float in the bytes of its type, to nearest, beyond the range to infinity."""
    try:
        return struct.pack(form, x)
    except OverflowError:
        return struct.pack(form, float('inf') if x > 0 else float('-inf'))

def uniform(dtype, flags, view, step, steps, levels):
    rows, columns, positions = view
    wide, state, i = wide_of(dtype), 0, 0
    out = bytearray(wide * len(levels))
    for r, c, p in ((r, c, p) for r in range(rows if levels else 0) for c in range(columns) for p in range(positions)):
        e = min(max(step + steps[0][r] + steps[1][c], -2048), 2047)
        delta, value, at = struct.unpack('<f', struct.pack('<f', 2.0 ** (e // 16) * SIXTEENTHS[e % 16]))[0], levels[i], i
        if flags & 1:
            value = 2 * levels[i] - (state & 1) * ((levels[i] > 0) - (levels[i] < 0))
            state = int(NEXT_STATE[2 * state + (levels[i] & 1)])
        if flags & 8:
            at = (c * positions + p) * rows + r
        if value:
            float32 = packed(value * delta, '<f')
            word, number = struct.unpack('<I', float32)[0], struct.unpack('<f', float32)[0]
            element = struct.pack('<I', word + 0x7fff + (word >> 16 & 1))[2:] if dtype == BFLOAT16 else None
            out[at * wide:(at + 1) * wide] = element or packed(number, {FLOAT32: '<f', FLOAT64: '<d', FLOAT16: '<e'}[dtype])
        i += 1
    return bytes(out)

def read_mixed(stream, dtype, dims):
    """The dense bytes of a record in a mix stream."""
    size, wide, form = prod(dims), wide_of(dtype), stream.number(0)
    if form == 0:
        length, width = byte_size(dtype, dims), prod(dims[1:]) if len(dims) > 1 else size
        if stream.number(1):
            return (bytes(stream.number(2) for _ in range(wide)) * length)[:length]
        if dtype in FLOAT_PARTS:
            return struct.pack('<%d%s' % (size, 'I' if dtype == FLOAT32 else 'H'), *stream.floats(size, width, *FLOAT_PARTS[dtype]))
        return stream.bytes(length, wide, width if BITS[dtype] > 4 else (width + 1) // 2)
    if form == 3:
        flags = stream.number(6)
        view, step, steps = read_view(flags, dims, lambda: stream.number(7)), stream.signed(8), [[], []]
        for i in (0, 1):
            for _ in range(view[i]):
                steps[i].append((steps[i][-1:] or [0])[0] + (stream.signed(9 + i) if flags & 2 << i else 0))
        return uniform(dtype, flags, view, step, steps, [0] * size if flags & 32 else stream.levels(size, view, flags & 1))
    check(form < 3 and (form == 1 or stream.number(4) <= 16), 'a parametrization')
    way = stream.number(3)
    mask = [way == 1] * size if way else stream.mask(size, matrix(dims))
    positions = [i for i in range(size) if mask[i]]
    k = len(positions) if form == 1 else stream.number(5)
    values = stream.floats(k, k, *FLOAT_PARTS[FLOAT32])
    return scattered(size, positions, values if form == 1 else [values[s] for s in stream.symbols(mask, k, matrix(dims))])

def read_section(r, declared):
    form, count = r.u8(), r.varint()
    check(form < 2 and 0 < count <= len(declared), 'records')
    stream = Stream(r.bytes(r.left())) if form else None
    dense = [read_mixed(stream, *one[1:3]) if form else read_record(r, *one[1:3]) for one in declared[:count]]
    check(r.left() == 0 and (not form or stream.ended()), 'more behind the records')
    return dense

def read_words(r):
    form = r.u8()
    check(form < 2, 'form of words')
    return r.bytes(r.left()) if form == 0 else TextModel().decode(r.varint(), r.bytes(r.left()))

def read_file(data):
    r = Reader(data)
    check(r.bytes(5) == b'\x89PTH\x01', 'signature and version')
    header = Reader(r.blob())
    root = hashlib.sha256(data[:r.at]).digest()[:16]
    check(r.bytes(16) == root and header.varint() == 0, 'root and features')
    left, metadata, section, dense = header.varint(), [], None, {}
    for kind, length, digest in header.list(lambda: (header.varint(), header.varint(), header.bytes(16))):
        content = Reader(r.bytes(length))
        check(hashlib.sha256(content.data).digest()[:16] == digest and (kind in (1, 2, 3) or kind > 127), 'digest and kind')
        if kind < 3:
            text = read_words(content)
            left -= len(text)
            if kind == 1:
                metadata = (reader := Reader(text)).pairs(reader.string)
            else:
                section = GraphSection(text)
                own = [i for i, one in enumerate(section.declared) if one[3] == i]
                check(left == sum(byte_size(*one[1:3]) for one in section.declared), 'decoded size')
        elif kind == 3:
            some = own[len(dense):]
            dense.update(zip(some, read_section(content, [section.declared[i] for i in some])))
    check(r.left() == header.left() == 0 and len(dense) == len(own), 'the end')
    tensors = [[name, dtype, dims, hashlib.sha256(dense[first]).hexdigest()] for name, dtype, dims, first in section.declared]
    return {'root': root.hex(), 'metadata': metadata, 'model': section.model, 'tensors': tensors}

if __name__ == '__main__':
    for path in sys.argv[1:]:
        try:
            print(json.dumps(read_file(Path(path).read_bytes())))
        except (ValueError, LookupError, TypeError, struct.error) as error:
            print(json.dumps({'error': repr(error)}))
