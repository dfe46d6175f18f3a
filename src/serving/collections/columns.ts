import type { Fields, FieldType } from './schema.ts';

/**
 * Fields that are filtered, faceted or sorted become typed columns of the collection's item table, because
 * PostgreSQL's estimates over jsonb are off by 3 to 10 times and the filter planner lives on them.
 * A column is named by the position of its field in the schema, which never changes once given.
 */
export interface ItemColumn {
  readonly field: string;
  readonly type: FieldType;
  readonly multiple: boolean;
  /** `f3`; text fields also have `f3_tokens`, geo fields are `f3_lat` and `f3_lon`. */
  readonly name: string;
}

export const SQL_TYPES: Readonly<Record<Exclude<FieldType, 'geo' | 'image' | 'vector'>, string>> = {
  text: 'text',
  keyword: 'text',
  number: 'double precision',
  boolean: 'boolean',
  date: 'timestamptz',
  category: 'text',
};

/** Fields with a column, in schema order. A category is always a list: the path and each of its ancestors. */
export function columnsOf(fields: Fields): ItemColumn[] {
  return Object.entries(fields).flatMap(([field, declared], position) =>
    (declared.filter || declared.facet || declared.sort) && declared.type !== 'image' && declared.type !== 'vector'
      ? [
          {
            field,
            type: declared.type,
            multiple: declared.multiple === true || declared.type === 'category',
            name: `f${position}`,
          },
        ]
      : [],
  );
}
