import { useMutation, useQueryClient } from '@tanstack/react-query'
import i18next from 'i18next'
import { api, body, idempotencyKey } from '~/api/http'
import { ApiProblem } from '~/api/problem'
import { readable } from '~/features/cards/phones'
import { personQuery } from '~/features/people'
import { tellDone, tellTrouble } from '~/ui/feedback/tell'

export interface Dialled {
  personId: string
  /** In E.164: one of the person's own numbers. */
  phone: string
}

/** Orders a call: the own phone rings first, then the customer's. One press is one call, however often it is sent. */
export function useDial() {
  const queries = useQueryClient()
  return useMutation({
    mutationFn: async ({ personId, phone }: Dialled) => {
      const person = await queries.fetchQuery({ ...personQuery(personId), staleTime: 60_000 })
      const known = person.phones.find((each) => each.e164 === phone)
      if (!known) throw new ApiProblem(422, 'number_gone')
      return body(
        await api.POST('/api/v1/calls', {
          params: { header: { 'idempotency-key': idempotencyKey() } },
          body: { person_id: personId, phone_id: known.id },
        }),
      )
    },
    onSuccess: (_, { phone }) => {
      tellDone(i18next.t('calls.dialled', { phone: readable(phone) }))
      queries.invalidateQueries({ queryKey: ['card'] })
    },
    onError: tellTrouble,
  })
}
