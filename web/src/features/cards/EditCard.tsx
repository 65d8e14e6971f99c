import { Button, Modal } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, body, ifMatch, type Schemas } from '~/api/http'
import { ApiProblem } from '~/api/problem'
import { useColleagues } from '~/features/users'
import { tellDone } from '~/ui/feedback/tell'
import { CardForm } from './CardForm'
import classes from './CardForm.module.css'
import { clashes, type Draft, draftOf, type Field, patchOf } from './draft'
import { readable } from './phones'

type Card = Schemas['PersonOut'] | Schemas['CompanyOut']

interface Props {
  kind: 'person' | 'company'
  card: Card
  opened: boolean
  onClose: () => void
}

interface Clash {
  mine: Draft
  theirs: Card
  fields: Field[]
}

/** Changing a card. When somebody else was faster, fields nobody else touched go through; for the others one chooses. */
export function EditCard({ kind, card, opened, onClose }: Props) {
  const { t } = useTranslation()
  const queries = useQueryClient()
  const [base, setBase] = useState(card)
  const [clash, setClash] = useState<Clash | null>(null)

  function done(now: Card) {
    queries.setQueryData<Record<string, unknown>>(['card', kind, now.id], (shown) => shown && { ...shown, [kind]: now })
    for (const key of ['card', kind === 'person' ? 'people' : 'companies'])
      queries.invalidateQueries({ queryKey: [key] })
    setClash(null)
    onClose()
    tellDone(t('form.saved'))
  }

  const saving = useMutation({
    mutationFn: async ({ draft, over }: { draft: Draft; over: Card }): Promise<Card | null> => {
      const patch = patchOf(draftOf(over), draft)
      if (!Object.keys(patch).length) return over
      try {
        return await change(kind, over, patch)
      } catch (error) {
        if (!(error instanceof ApiProblem) || error.code !== 'stale_version') throw error
        const theirs = await newest(kind, card.id)
        const fields = clashes(draftOf(over), draft, draftOf(theirs))
        if (!fields.length) return change(kind, theirs, patch)
        setClash({ mine: draft, theirs, fields })
        return null
      }
    },
    onSuccess: (now) => now && done(now),
  })

  function keepMine() {
    if (!clash) return
    // My fields over their card: what I did not change stays theirs.
    const patch = patchOf(draftOf(base), clash.mine)
    setBase(clash.theirs)
    saving.mutate({ draft: { ...draftOf(clash.theirs), ...patch }, over: clash.theirs })
  }

  return (
    <Modal opened={opened} onClose={onClose} title={t(`form.edit.${kind}`)} size={480}>
      {clash ? (
        <Versions clash={clash} busy={saving.isPending} onMine={keepMine} onTheirs={() => done(clash.theirs)} />
      ) : (
        <CardForm
          begin={draftOf(base)}
          error={saving.error}
          busy={saving.isPending}
          submit={t('form.save')}
          onSubmit={(draft) => saving.mutate({ draft, over: base })}
          onCancel={onClose}
        />
      )}
    </Modal>
  )
}

function Versions({
  clash,
  busy,
  onMine,
  onTheirs,
}: {
  clash: Clash
  busy: boolean
  onMine: () => void
  onTheirs: () => void
}) {
  const { t } = useTranslation()
  const colleagues = useColleagues()
  const theirs = draftOf(clash.theirs)
  const said = (draft: Draft, field: Field) => {
    if (field === 'owner_id') return (draft.owner_id && colleagues.get(draft.owner_id)?.name) || t('users.nobody')
    if (field === 'phones') return draft.phones.map((phone) => readable(phone.raw)).join('\n') || '—'
    if (field === 'emails') return draft.emails.map((email) => email.address).join('\n') || '—'
    return draft.name
  }
  return (
    <div className={classes.versions}>
      <p role="alert">{t('form.clash')}</p>
      {clash.fields.map((field) => (
        <section key={field} className={classes.version}>
          <h3>{t(`form.field.${field}`)}</h3>
          <div className={classes.side}>
            <small>{t('form.mine')}</small>
            {said(clash.mine, field)}
          </div>
          <div className={classes.side}>
            <small>{t('form.theirs')}</small>
            {said(theirs, field)}
          </div>
        </section>
      ))}
      <div className={classes.buttons}>
        <Button variant="default" onClick={onTheirs}>
          {t('form.takeTheirs')}
        </Button>
        <Button loading={busy} onClick={onMine}>
          {t('form.keepMine')}
        </Button>
      </div>
    </div>
  )
}

async function change(kind: 'person' | 'company', card: Card, patch: Partial<Draft>): Promise<Card> {
  const header = ifMatch(card.version)
  return kind === 'person'
    ? body(
        await api.PATCH('/api/v1/people/{person_id}', {
          params: { path: { person_id: card.id }, header },
          body: patch,
        }),
      )
    : body(
        await api.PATCH('/api/v1/companies/{company_id}', {
          params: { path: { company_id: card.id }, header },
          body: patch,
        }),
      )
}

async function newest(kind: 'person' | 'company', id: string): Promise<Card> {
  return kind === 'person'
    ? body(await api.GET('/api/v1/people/{person_id}', { params: { path: { person_id: id } } }))
    : body(await api.GET('/api/v1/companies/{company_id}', { params: { path: { company_id: id } } }))
}
