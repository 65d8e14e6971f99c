import { Button, TextInput } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { api, body, ifMatch, type Schemas } from '~/api/http'
import { useMay } from '~/features/sessions/session'
import { tellDone, tellTrouble } from '~/ui/feedback/tell'
import classes from './Pops.module.css'

/** Whoever rang has a card with a number and no name: here it gets one while one talks. */
export function PopName({ person }: { person: Schemas['PersonOut'] }) {
  const { t } = useTranslation()
  const queries = useQueryClient()
  const may = useMay('person:update')
  const [name, setName] = useState('')
  const saving = useMutation({
    mutationFn: async () =>
      body(
        await api.PATCH('/api/v1/people/{person_id}', {
          params: { path: { person_id: person.id }, header: ifMatch(person.version) },
          body: { name: name.trim() },
        }),
      ),
    onSuccess: () => {
      tellDone(t('form.saved'))
      for (const key of ['card', 'people', 'calls']) queries.invalidateQueries({ queryKey: [key] })
    },
    onError: tellTrouble,
  })
  if (!may) return null

  function save(event: FormEvent) {
    event.preventDefault()
    if (name.trim() && !saving.isPending) saving.mutate()
  }

  return (
    <form className={classes.naming} onSubmit={save}>
      <TextInput
        size="xs"
        maxLength={200}
        aria-label={t('pop.whoIsIt')}
        placeholder={t('pop.whoIsIt')}
        value={name}
        onChange={(event) => setName(event.currentTarget.value)}
      />
      <Button size="xs" type="submit" variant="default" disabled={!name.trim()} loading={saving.isPending}>
        {t('pop.save')}
      </Button>
    </form>
  )
}
