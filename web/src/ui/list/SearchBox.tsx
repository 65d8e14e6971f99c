import { CloseButton, TextInput } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { IconSearch } from '@tabler/icons-react'
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import classes from './Toolbar.module.css'

interface Props {
  value: string | undefined
  onChange: (value: string | undefined) => void
  placeholder: string
}

/** Searches as one types; the address holds what is searched for. */
export function SearchBox({ value, onChange, placeholder }: Props) {
  const { t } = useTranslation()
  const [text, setText] = useState(value ?? '')
  const ask = useDebouncedCallback((q: string) => onChange(q.trim() || undefined), 140)
  // Going back in the history, or clearing all, changes the address and not the box.
  useEffect(() => setText((typed) => (typed.trim() === (value ?? '') ? typed : (value ?? ''))), [value])

  function type(typed: string) {
    setText(typed)
    ask(typed)
  }

  return (
    <TextInput
      className={classes.search}
      type="search"
      value={text}
      onChange={(event) => type(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return
        if (text) type('')
        else event.currentTarget.blur()
      }}
      // Whoever presses a link at once goes there: what is asked later would bring them back to this page.
      onBlur={() => ask.flush()}
      placeholder={placeholder}
      aria-label={placeholder}
      leftSection={<IconSearch size={16} stroke={1.7} />}
      rightSection={text && <CloseButton size="sm" aria-label={t('list.clearSearch')} onClick={() => type('')} />}
    />
  )
}
