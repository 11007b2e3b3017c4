/** A recipe from the command line: a name, or a JSON file of steps. */
import { readFile } from 'node:fs/promises';
import { PithError } from '../base/errors.js';
import { recipeOf } from '../recipe/compress.js';
import { parseRecipe, type RecipeInput } from '../recipe/recipe.js';

/** Throws `usage.recipe` for an unknown name or a file that is no recipe. */
export async function recipeFrom(given: string): Promise<string | RecipeInput> {
  if (!given.endsWith('.json')) return recipeOf(given).name;
  const text = await readFile(given, 'utf8').catch((error: unknown) => {
    const got = error instanceof Error && 'code' in error && error.code === 'ENOENT' ? 'no such file' : String(error);
    throw new PithError(
      'input.file',
      { at: { file: given }, expected: 'a recipe that can be read', got, fix: 'check the path' },
      { cause: error },
    );
  });
  try {
    return parseRecipe(JSON.parse(text));
  } catch (error) {
    if (error instanceof PithError) throw error.within({ file: given });
    throw new PithError('usage.recipe', { at: { file: given }, expected: 'JSON', got: String(error) }, { cause: error });
  }
}
