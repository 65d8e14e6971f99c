import { Button, SegmentedControl, Textarea, TextInput } from '@mantine/core'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, body, idempotencyKey } from '~/api/http'
import { useSession } from '~/features/sessions/session'
import { inputOf, nextMorning } from '~/features/tasks/dueness'
import { tellTrouble } from '~/ui/feedback/tell'
import classes from './Composer.module.css'
import { type Draft, EMPTY, kindsFor, ready, send, type Target } from './composing'

/** Writes to a card's history: a note, a task, a mail, an SMS — what the role and the card's addresses allow. */
export function Composer({ target }: { target: Target }) {
  const { t } = useTranslation()
  const queries = useQueryClient()
  const { grants } = useSession().user
  const kinds = kindsFor(target, grants)
  const [draft, setDraft] = useState<Draft>(() => ({ ...EMPTY, due: inputOf(nextMorning(new Date())) }))
  const set = (some: Partial<Draft>) => setDraft((before) => ({ ...before, ...some }))
  const kind = kinds.includes(draft.kind) ? draft.kind : kinds[0]
  const sending = useMutation({
    mutationFn: (what: Draft) => send(target, what, idempotencyKey()),
    onSuccess: () => {
      setDraft((before) => ({ ...EMPTY, kind: before.kind, due: before.due }))
      for (const key of ['card', 'tasks', 'board']) queries.invalidateQueries({ queryKey: [key] })
    },
    onError: tellTrouble,
  })
  if (!kind) return null
  const now = { ...draft, kind }

  function write(event?: FormEvent) {
    event?.preventDefault()
    if (ready(now) && !sending.isPending) sending.mutate(now)
  }

  return (
    <form
      className={classes.composer}
      onSubmit={write}
      onKeyDown={(event) => event.key === 'Enter' && (event.ctrlKey || event.metaKey) && write(event)}
    >
      {kinds.length > 1 && (
        <SegmentedControl
          className={classes.kinds ?? ''}
          size="xs"
          value={kind}
          data={kinds.map((value) => ({ value, label: t(`composer.${value}.name`) }))}
          onChange={(value) => set({ kind: value as Draft['kind'] })}
        />
      )}
      {(kind === 'email' || kind === 'task') && (
        <TextInput
          aria-label={t(`composer.${kind}.title`)}
          placeholder={t(`composer.${kind}.title`)}
          maxLength={200}
          value={draft.title}
          onChange={(event) => set({ title: event.currentTarget.value })}
        />
      )}
      <Textarea
        autosize
        minRows={2}
        maxRows={10}
        maxLength={kind === 'sms' ? 1_000 : 10_000}
        aria-label={t(`composer.${kind}.text`)}
        placeholder={t(`composer.${kind}.text`)}
        value={draft.text}
        onChange={(event) => set({ text: event.currentTarget.value })}
      />
      <div className={classes.foot}>
        {kind === 'task' && (
          <TextInput
            type="datetime-local"
            aria-label={t('card.planWhen')}
            value={draft.due}
            onChange={(event) => set({ due: event.currentTarget.value })}
          />
        )}
        {kind === 'sms' && draft.text && <Parts text={draft.text} />}
        <Button type="submit" ml="auto" loading={sending.isPending} disabled={!ready(now)}>
          {t(`composer.${kind}.send`)}
        </Button>
      </div>
    </form>
  )
}

/** How many SMS the text will be billed as. */
function Parts({ text }: { text: string }) {
  const { t } = useTranslation()
  const { data } = useQuery({
    queryKey: ['sms-parts', text],
    queryFn: async ({ signal }) => body(await api.POST('/api/v1/messages/sms-parts', { body: { text }, signal })),
    staleTime: Number.POSITIVE_INFINITY,
    placeholderData: (before) => before,
  })
  return (
    <span className={classes.parts}>{data && t('composer.parts', { count: data.parts, left: data.remaining })}</span>
  )
}
