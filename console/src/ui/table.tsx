/** A table with rows that open: by mouse, by finger, by keyboard. On a telephone it shows the columns that matter. */

import type { ReactNode } from "react";
import { Cell, Column, Row, Table, TableBody, TableHeader } from "react-aria-components";
import { useNarrow } from "./narrow";

export interface Field<T> {
  name: string;
  of: (row: T) => ReactNode;
  /** Left out where there is no room. */
  wide?: boolean;
  align?: "end";
}

interface Props<T> {
  label: string;
  rows: T[];
  fields: Field<T>[];
  id: (row: T) => string;
  href?: (row: T) => string | undefined;
  empty?: ReactNode;
  /** What is read of a row first. */
  text?: (row: T) => string;
}

export function DataTable<T extends object>({ label, rows, fields, id, href, empty = "There is nothing here.", text }: Props<T>) {
  const narrow = useNarrow();
  const shown = fields.filter((field) => !narrow || !field.wide);
  return (
    <div className="scroll">
      <Table aria-label={label} className="table">
        <TableHeader>
          {shown.map((field, index) => (
            <Column key={field.name} id={field.name} isRowHeader={index === 0} className={field.align ?? ""}>{field.name}</Column>
          ))}
        </TableHeader>
        <TableBody renderEmptyState={() => <p className="empty">{empty}</p>}>
          {rows.map((row) => {
            const where = href?.(row);
            return (
              <Row key={id(row)} id={id(row)} textValue={text?.(row) ?? id(row)} {...(where ? { href: where } : {})}>
                {shown.map((field) => <Cell key={field.name} className={field.align ?? ""}>{field.of(row)}</Cell>)}
              </Row>
            );
          })}
        </TableBody>
      </Table>
    </div>
  );
}
