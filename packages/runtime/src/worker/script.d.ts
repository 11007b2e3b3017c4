/** `thread.ts` with all that it needs, as one text: `npm run build` writes script.js into the package beside this. */
export declare const script: string;
