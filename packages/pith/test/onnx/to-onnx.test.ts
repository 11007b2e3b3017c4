/** ONNX that pith-runtime writes from .pith files: every element type and kind of attribute is read back as the file decodes. */
import { readPith, toModel, writePith } from 'pith-runtime';
import { toOnnx } from 'pith-runtime/onnx';
import { describe, expect, test } from 'vitest';
import { checkModel } from '../../src/onnx/check.js';
import { readOnnx } from '../../src/onnx/read.js';
import { allTypes, counting, models, parsed } from './samples.js';

/** Each type once, with an odd number of elements. */
const everyType = {
  ...models['network']!,
  graph: { ...parsed('g() -> () { }').graph, initializers: new Map(allTypes.map((dtype) => [dtype as string, counting(dtype, [3, 5])])) },
};

describe('toOnnx', () => {
  test.each(Object.entries({ ...models, everyType }))('of the model %s is what the file decodes to', async (_, model) => {
    const { bytes } = writePith({ model });
    const back = readOnnx(await toOnnx(new Blob([bytes.slice()])));
    checkModel(back);
    expect(back).toEqual(toModel(readPith(bytes)));
    expect({ ...back, producerName: 'somebody else' }).not.toEqual(toModel(readPith(bytes)));
  });
});
