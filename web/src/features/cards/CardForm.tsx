import { ActionIcon, Button, Select, TextInput } from '@mantine/core'
import { IconPlus, IconTrash } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { ApiProblem } from '~/api/problem'
import { usersQuery } from '~/features/users'
import { wordsOf } from '~/ui/feedback/words'
import classes from './CardForm.module.css'
import { type Draft, PHONE_KINDS, tidy } from './draft'

interface Props {
  begin: Draft
  error: unknown
  busy: boolean
  submit: string
  onSubmit: (draft: Draft) => void
  onCancel: () => void
}

/** The fields of a card: its name, how it is reached, who has it. What the server refuses stands at its field. */
export function CardForm({ begin, error, busy, submit, onSubmit, onCancel }: Props) {
  const { t } = useTranslation()
  const users = useQuery(usersQuery).data ?? []
  const [draft, setDraft] = useState(begin)
  const { name, phones, emails, owner_id: owner } = draft
  const set = (some: Partial<Draft>) => setDraft((before) => ({ ...before, ...some }))
  const refused = (field: string) =>
    error instanceof ApiProblem &&
    error.errors.some((each) => each.field === field || each.field.startsWith(`${field}.`))
      ? t('form.refused')
      : undefined

  function send(event: FormEvent) {
    event.preventDefault()
    const clean = tidy(draft)
    if (clean.name) onSubmit(clean)
  }

  return (
    <form className={classes.form} onSubmit={send}>
      <TextInput
        data-autofocus
        required
        withAsterisk={false}
        maxLength={200}
        label={t('form.name')}
        value={name}
        error={refused('name')}
        onChange={(event) => set({ name: event.currentTarget.value })}
      />
      <fieldset className={classes.group}>
        <legend>{t('form.phones')}</legend>
        {phones.map((phone, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: rows are told apart by their place alone
          <div key={at} className={classes.row}>
            <TextInput
              className={classes.grow}
              type="tel"
              aria-label={t('form.phone')}
              placeholder="+386 40 123 456"
              maxLength={60}
              value={phone.raw}
              error={refused(`phones.${at}`)}
              onChange={(event) => set({ phones: phones.with(at, { ...phone, raw: event.currentTarget.value }) })}
            />
            <Select
              className={classes.kind}
              aria-label={t('form.phoneKind')}
              allowDeselect={false}
              value={phone.kind}
              data={PHONE_KINDS.map((kind) => ({ value: kind, label: t(`phoneKind.${kind}`) }))}
              onChange={(kind) =>
                kind && set({ phones: phones.with(at, { ...phone, kind: kind as typeof phone.kind }) })
              }
            />
            <Remove label={t('form.removePhone')} onClick={() => set({ phones: phones.toSpliced(at, 1) })} />
          </div>
        ))}
        <Add label={t('form.addPhone')} onClick={() => set({ phones: [...phones, { raw: '', kind: 'mobile' }] })} />
      </fieldset>
      <fieldset className={classes.group}>
        <legend>{t('form.emails')}</legend>
        {emails.map((email, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: as above
          <div key={at} className={classes.row}>
            <TextInput
              className={classes.grow}
              type="email"
              aria-label={t('form.email')}
              maxLength={254}
              value={email.address}
              error={refused(`emails.${at}`)}
              onChange={(event) => set({ emails: emails.with(at, { address: event.currentTarget.value }) })}
            />
            <Remove label={t('form.removeEmail')} onClick={() => set({ emails: emails.toSpliced(at, 1) })} />
          </div>
        ))}
        <Add label={t('form.addEmail')} onClick={() => set({ emails: [...emails, { address: '' }] })} />
      </fieldset>
      <Select
        label={t('form.owner')}
        placeholder={t('users.nobody')}
        searchable
        clearable
        value={owner}
        error={refused('owner_id')}
        data={users
          .filter((user) => user.active || user.id === owner)
          .map((user) => ({ value: user.id, label: user.name }))}
        onChange={(chosen) => set({ owner_id: chosen })}
      />
      {Boolean(error) && (
        <p className={classes.problem} role="alert">
          <b>{wordsOf(error, t).title}.</b> {wordsOf(error, t).advice}
        </p>
      )}
      <div className={classes.buttons}>
        <Button variant="subtle" color="gray" onClick={onCancel}>
          {t('common.cancel')}
        </Button>
        <Button type="submit" loading={busy} disabled={!name.trim()}>
          {submit}
        </Button>
      </div>
    </form>
  )
}

function Remove({ label, onClick }: { label: string; onClick: () => void }) {
  return (
    <ActionIcon variant="subtle" color="gray" size={34} aria-label={label} onClick={onClick}>
      <IconTrash size={16} stroke={1.7} />
    </ActionIcon>
  )
}

function Add({ label, onClick }: { label: string; onClick: () => void }) {
  return (
    <Button size="compact-sm" variant="subtle" leftSection={<IconPlus size={14} stroke={1.8} />} onClick={onClick}>
      {label}
    </Button>
  )
}
