/** Fields of forms, each with its label. */

import { ChevronDown } from "lucide-react";
import {
  Button, FieldError, Input, Label, ListBox, ListBoxItem, Popover, Select as AriaSelect, Text, TextField, type TextFieldProps,
} from "react-aria-components";

interface FieldProps extends TextFieldProps {
  label: string;
  hint?: string | undefined;
  placeholder?: string | undefined;
  error?: string | undefined;
  step?: string | undefined;
}

export function Field({ label, hint, placeholder, error, step, ...props }: FieldProps) {
  return (
    <TextField {...props} className="field" isInvalid={Boolean(error)}>
      <Label>{label}</Label>
      <Input {...(placeholder ? { placeholder } : {})} {...(step ? { step } : {})} />
      {hint && <Text slot="description">{hint}</Text>}
      <FieldError>{error}</FieldError>
    </TextField>
  );
}

interface SelectProps {
  label: string;
  value: string;
  options: [string, string][];
  onChange: (value: string) => void;
  hideLabel?: boolean;
}

export function Select({ label, value, options, onChange, hideLabel = false }: SelectProps) {
  const names = new Map(options);
  return (
    <AriaSelect className="field" selectedKey={value} onSelectionChange={(key) => onChange(String(key))} {...(hideLabel ? { "aria-label": label } : {})}>
      {!hideLabel && <Label>{label}</Label>}
      <Button className="select"><span>{names.get(value) ?? "—"}</span><ChevronDown size={14} aria-hidden /></Button>
      <Popover className="popover">
        <ListBox>
          {options.map(([key, name]) => <ListBoxItem key={key} id={key} textValue={name}>{name}</ListBoxItem>)}
        </ListBox>
      </Popover>
    </AriaSelect>
  );
}
