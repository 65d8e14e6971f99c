import { NumberInput, Select } from '@mantine/core'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import classes from './Imports.module.css'
import type { Job } from './job'
import type { Kind } from './kinds'
import { type Format, useChange } from './queries'
import { CODE_PAGES, DATE_ORDERS, DECIMALS, DELIMITERS } from './reading'

/** How the file is read. A choice makes it to be read anew, at once. */
export function ReadAs({ kind, job }: { kind: Kind; job: Job }) {
  const { t } = useTranslation()
  const change = useChange(kind, job.id)
  const format: Partial<NonNullable<Job['format']>> = job.format ?? {}
  const [header, setHeader] = useState<number | string>(format.header_row ?? 1)
  const read = (some: Format) => change.mutate({ format: some })
  const text = format.kind !== 'xlsx'
  const busy = change.isPending || job.state === 'reading'
  const common = { allowDeselect: false, disabled: busy, checkIconPosition: 'right' as const }
  return (
    <div className={classes.settings}>
      {text && (
        <Select
          {...common}
          label={t('imports.encoding')}
          placeholder={t('imports.choose')}
          value={format.encoding ?? null}
          data={CODE_PAGES.map(({ name, label, script }) => ({
            value: name,
            label: script ? `${label} · ${t(`imports.script.${script}`)}` : label,
          }))}
          onChange={(encoding) => encoding && read({ encoding })}
        />
      )}
      {text && (
        <Select
          {...common}
          label={t('imports.delimiter')}
          placeholder={t('imports.choose')}
          value={format.delimiter ?? null}
          data={DELIMITERS.map(({ value, word }) => ({ value, label: t(`imports.sign.${word}`) }))}
          onChange={(sign) => sign && read({ delimiter: sign as NonNullable<Format['delimiter']> })}
        />
      )}
      {job.sheets.length > 1 && (
        <Select
          {...common}
          label={t('imports.sheet')}
          value={format.sheet ?? null}
          data={job.sheets}
          onChange={(sheet) => sheet && read({ sheet })}
        />
      )}
      <NumberInput
        label={t('imports.headerRow')}
        description={t('imports.headerNone')}
        disabled={busy}
        min={0}
        max={1000}
        allowDecimal={false}
        value={header}
        onChange={setHeader}
        onBlur={() => typeof header === 'number' && header !== format.header_row && read({ header_row: header })}
        inputWrapperOrder={['label', 'input', 'description']}
      />
      <Select
        {...common}
        label={t('imports.dates')}
        value={format.date_order ?? null}
        data={DATE_ORDERS}
        onChange={(order) => order && read({ date_order: order as NonNullable<Format['date_order']> })}
      />
      {text && (
        <Select
          {...common}
          label={t('imports.numbers')}
          value={format.decimal ?? null}
          data={DECIMALS}
          onChange={(sign) => sign && read({ decimal: sign as NonNullable<Format['decimal']> })}
        />
      )}
    </div>
  )
}
