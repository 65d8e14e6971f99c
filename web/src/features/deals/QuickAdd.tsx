import { Button, NumberInput, TextInput } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import classes from './Board.module.css'
import type { Column } from './board'
import { useAdd } from './boardQueries'

/** A deal in two fields; Enter makes it, Esc puts the form away. */
export function QuickAdd({
  column,
  pipeline,
  onClose,
}: {
  column: Column
  pipeline: string | undefined
  onClose: () => void
}) {
  const { t } = useTranslation()
  const [title, setTitle] = useState('')
  const [amount, setAmount] = useState<string | number>('')
  const add = useAdd(pipeline)

  function make(event: FormEvent) {
    event.preventDefault()
    if (!title.trim()) return
    add.mutate({ title: title.trim(), amount: amount === '' ? '' : String(amount), column }, { onSuccess: onClose })
  }

  return (
    <form className={classes.quick} onSubmit={make} onKeyDown={(event) => event.key === 'Escape' && onClose()}>
      <TextInput
        autoFocus
        aria-label={t('board.dealTitle')}
        placeholder={t('board.dealTitle')}
        maxLength={200}
        value={title}
        onChange={(event) => setTitle(event.currentTarget.value)}
      />
      <NumberInput
        aria-label={t('board.amount')}
        placeholder={t('board.amount')}
        min={0}
        decimalScale={2}
        thousandSeparator=" "
        hideControls
        size="sm"
        value={amount}
        onChange={setAmount}
      />
      <div className={classes.buttons}>
        <Button type="submit" size="xs" loading={add.isPending} disabled={!title.trim()}>
          {t('board.addDeal')}
        </Button>
        <Button size="xs" variant="subtle" color="gray" onClick={onClose}>
          {t('common.cancel')}
        </Button>
      </div>
    </form>
  )
}
