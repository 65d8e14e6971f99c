import { Combobox, useCombobox } from '@mantine/core'
import { IconPlus, IconX } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import classes from './FilterChip.module.css'

export interface Choice {
  value: string
  label: string
}

interface Props {
  label: string
  value: string | undefined
  choices: readonly Choice[]
  onChange: (value: string | undefined) => void
}

const SEARCHED_FROM = 9

/** One way to narrow a list: set it shows its value and can be taken off, unset it invites. */
export function FilterChip({ label, value, choices, onChange }: Props) {
  const { t } = useTranslation()
  const [search, setSearch] = useState('')
  const searched = choices.length >= SEARCHED_FROM
  const store = useCombobox({
    onDropdownClose: () => {
      store.resetSelectedOption()
      setSearch('')
    },
    onDropdownOpen: () => (searched ? store.focusSearchInput() : store.selectFirstOption()),
  })
  const shown = choices.filter((choice) => choice.label.toLowerCase().includes(search.trim().toLowerCase()))
  const named = choices.find((choice) => choice.value === value)?.label ?? value
  return (
    <Combobox
      store={store}
      width={240}
      position="bottom-start"
      onOptionSubmit={(chosen) => {
        onChange(chosen)
        store.closeDropdown()
      }}
    >
      <span className={classes.chip} data-set={value !== undefined || undefined}>
        <Combobox.Target targetType="button">
          <button type="button" className={classes.open} onClick={() => store.toggleDropdown()}>
            {value === undefined && <IconPlus size={14} stroke={1.8} />}
            {value === undefined ? label : `${label}:`}
            {value !== undefined && <b>{named}</b>}
          </button>
        </Combobox.Target>
        {value !== undefined && (
          <button
            type="button"
            className={classes.off}
            aria-label={t('list.takeOff', { filter: label })}
            onClick={() => onChange(undefined)}
          >
            <IconX size={14} stroke={1.8} />
          </button>
        )}
      </span>
      <Combobox.Dropdown>
        {searched && (
          <Combobox.Search
            value={search}
            onChange={(event) => setSearch(event.currentTarget.value)}
            placeholder={t('list.find')}
            aria-label={t('list.find')}
          />
        )}
        <Combobox.Options aria-label={label} mah={280} style={{ overflowY: 'auto' }}>
          {shown.map((choice) => (
            <Combobox.Option key={choice.value} value={choice.value} active={choice.value === value}>
              {choice.label}
            </Combobox.Option>
          ))}
          {!shown.length && <Combobox.Empty>{t('list.noChoice')}</Combobox.Empty>}
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  )
}
