/**
 * Functions of a model are kept as the bytes that came. Looked at is only whom they call: functions that call each other in a circle have
 * no meaning, and whoever inlines them does not come back.
 */

import { attributeField as A, domainOf, functionField as F, graphField as G, nodeField as N } from 'pith-runtime/onnx';
import { PithError } from '../base/errors.js';
import { inOrder } from '../base/order.js';
import type { NodeData } from '../base/tensor.js';
import { WireReader } from './wire-read.js';

const limits = { depth: 100, objects: 2 ** 28 };

/** Throws `input.cycle`, `input.onnx-malformed`, `input.onnx-truncated` or `limit.*`, naming the function. */
export function checkFunctions(functions: readonly Uint8Array[]): void {
  // functions are the nodes of a graph of their own: what each makes is its name, what it reads are the names that it calls
  inOrder(functions.map((proto, i) => inFunction(i, () => callsOf(proto))));
}

function inFunction<T>(number: number, body: () => T): T {
  try {
    return body();
  } catch (error) {
    throw error instanceof PithError ? error.within({ section: `function ${number}` }) : error;
  }
}

const keyOf = (domain: string, op: string, overload: string): string => `${domainOf(domain)}.${op}:${overload}`;

function callsOf(proto: Uint8Array): NodeData {
  const r = new WireReader(proto, limits);
  let [domain, op, overload] = ['', '', ''];
  const calls = new Set<string>();
  r.fields((field) => {
    if (field === F.name) op = r.string();
    else if (field === F.domain) domain = r.string();
    else if (field === F.overload) overload = r.string();
    else if (field === F.node) readCall(r, calls);
    else r.skip();
  });
  const name = keyOf(domain, op, overload);
  return { op, domain, name, inputs: [...calls], outputs: [name], attributes: new Map() };
}

/** What a node calls, and the nodes of the graphs inside it. */
function readCall(r: WireReader, calls: Set<string>): void {
  let [domain, op, overload] = ['', '', ''];
  r.message((field) => {
    if (field === N.op) op = r.string();
    else if (field === N.domain) domain = r.string();
    else if (field === N.overload) overload = r.string();
    else if (field === N.attribute)
      r.message((part) => {
        if (part === A.graph || part === A.graphs)
          r.message((of) => {
            if (of === G.node) readCall(r, calls);
            else r.skip();
          });
        else r.skip();
      });
    else r.skip();
  });
  calls.add(keyOf(domain, op, overload));
}
