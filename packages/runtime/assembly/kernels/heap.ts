/** Where the memory that is handed out begins: behind the constants of the kernels. */
export function heapBase(): usize {
  return __heap_base;
}
