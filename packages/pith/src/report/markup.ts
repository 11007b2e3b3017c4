/**
 * HTML by tagged template: every value is escaped unless it is itself made by `html`. Names of layers and files come from strangers;
 * forgetting to escape one is not possible here. Attribute values must stand in double quotes.
 */
export class Html {
  readonly markup: string;

  private constructor(markup: string) {
    this.markup = markup;
  }

  /** Markup that is taken as it is. Only for what a serializer made. */
  static trusted(markup: string): Html {
    return new Html(markup);
  }
}

export type HtmlValue = Html | string | number | undefined | readonly HtmlValue[];

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };

/** Characters that HTML does not allow become U+FFFD. */
export const allowed = (text: string): string => text.replace(/(?![\t\n])[\p{Cc}\p{Cs}]/gu, '\ufffd');

/** Text for an element or a quoted attribute. */
export function escapeHtml(text: string): string {
  return allowed(text).replace(/[&<>"']/g, (c) => entities[c] ?? c);
}

function show(value: HtmlValue): string {
  if (value === undefined) return '';
  if (value instanceof Html) return value.markup;
  if (typeof value === 'object') return value.map(show).join('');
  return escapeHtml(String(value));
}

export function html(parts: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  return Html.trusted(parts.map((part, i) => part + show(values[i])).join(''));
}
