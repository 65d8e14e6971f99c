import { Button } from '@mantine/core'
import { IconDownload, IconFileSpreadsheet } from '@tabler/icons-react'
import { getRouteApi } from '@tanstack/react-router'
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useSession } from '~/features/sessions/session'
import { wordsOf } from '~/ui/feedback/words'
import { PageHead } from '~/ui/Page'
import { useTitle } from '~/ui/useTitle'
import classes from './Imports.module.css'
import { ICONS } from './icons'
import { allowed, type Kind } from './kinds'
import { NoRight } from './NoRight'
import { Progressing } from './Progressing'
import { useSend } from './queries'
import { StepHeading, Steps } from './Steps'
import { Told } from './Told'
import { template, unfit } from './template'
import { refusalWord } from './words'

const route = getRouteApi('/inside/imports/new')

/** What is taken in, and from which file. */
export function NewImportPage() {
  const { t } = useTranslation()
  const kinds = allowed(useSession().user.grants)
  const asked = route.useSearch().kind
  const kind = asked && kinds.includes(asked) ? asked : kinds[0]
  const navigate = route.useNavigate()
  const [refused, setRefused] = useState<string | null>(null)
  const [share, setShare] = useState(0)
  const [over, setOver] = useState(false)
  const leaving = useRef(new AbortController())
  const send = useSend()
  useTitle(t('imports.new'))
  useEffect(() => () => leaving.current.abort(), [])

  function take(file: File | undefined) {
    if (!file || !kind || send.isPending) return
    const why = unfit(file)
    setRefused(why && refusalWord(t, why, null))
    if (why) return
    setShare(0)
    leaving.current = new AbortController()
    send.mutate(
      { kind, file, tell: (sent) => setShare(sent * 100), signal: leaving.current.signal },
      { onSuccess: ({ id }) => navigate({ to: '/imports/$kind/$id', params: { kind, id } }) },
    )
  }

  if (!kind) return <NoRight />
  const trouble = send.error && !leaving.current.signal.aborted ? wordsOf(send.error, t) : null
  return (
    <>
      <PageHead title={t('imports.new')} />
      <div className={classes.page}>
        <Steps step="file" />
        <section className={classes.step}>
          <StepHeading title={t('imports.chooseFile')}>{t('imports.chooseText')}</StepHeading>
          <fieldset className={classes.kinds}>
            <legend>{t('imports.whatIsInIt')}</legend>
            {kinds.map((each) => (
              <KindChoice
                key={each}
                kind={each}
                chosen={each === kind}
                onChoose={() => navigate({ to: '/imports/new', search: { kind: each }, replace: true })}
              />
            ))}
          </fieldset>
          {send.isPending ? (
            <>
              <Progressing label={t('imports.sending')} share={share} detail={`${Math.floor(share)} %`} />
              <div>
                <Button variant="default" onClick={() => leaving.current.abort()}>
                  {t('common.cancel')}
                </Button>
              </div>
            </>
          ) : (
            <label
              className={classes.drop}
              data-over={over || undefined}
              onDragOver={(event) => {
                event.preventDefault()
                setOver(true)
              }}
              onDragLeave={() => setOver(false)}
              onDrop={(event) => {
                event.preventDefault()
                setOver(false)
                take(event.dataTransfer.files[0])
              }}
            >
              <input
                type="file"
                accept=".csv,.tsv,.txt,.xlsx"
                onChange={(event) => {
                  take(event.currentTarget.files?.[0])
                  event.currentTarget.value = ''
                }}
              />
              <IconFileSpreadsheet size={28} stroke={1.5} />
              <b>{t('imports.drop')}</b>
              <span className={classes.small}>{t('imports.limits')}</span>
            </label>
          )}
          {refused && <Told meaning="bad" title={refused} />}
          {trouble && (
            <Told meaning="bad" title={trouble.title}>
              {trouble.advice}
            </Told>
          )}
          <Template kind={kind} />
        </section>
      </div>
    </>
  )
}

function KindChoice({ kind, chosen, onChoose }: { kind: Kind; chosen: boolean; onChoose: () => void }) {
  const { t } = useTranslation()
  const Icon = ICONS[kind]
  return (
    <label className={classes.kind}>
      <input type="radio" name="kind" checked={chosen} onChange={onChoose} />
      <Icon size={18} stroke={1.7} />
      {t(`imports.kind.${kind}`)}
    </label>
  )
}

function Template({ kind }: { kind: Kind }) {
  const { t } = useTranslation()
  const fields = t(`imports.field.${kind}`, { returnObjects: true }) as Record<string, string>
  const file = `data:text/csv;charset=utf-8,${encodeURIComponent(template(Object.values(fields)))}`
  return (
    <p className={classes.small}>
      {t('imports.noFileYet')}{' '}
      <Button
        component="a"
        href={file}
        download={`${t(`imports.kind.${kind}`)}.csv`}
        size="compact-sm"
        variant="subtle"
        leftSection={<IconDownload size={14} stroke={1.8} />}
      >
        {t('imports.template')}
      </Button>
    </p>
  )
}
