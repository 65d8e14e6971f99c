import { Button } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import type { Clash } from './useCarefulChange'
import classes from './Versions.module.css'

interface Props<Draft> {
  clash: Clash<Draft>
  nameOf: (field: keyof Draft) => string
  say: (draft: Draft, field: keyof Draft) => string
  busy: boolean
  onMine: () => void
  onTheirs: () => void
}

/** Both versions of what two changed at once, and the choice between them. */
export function Versions<Draft>({ clash, nameOf, say, busy, onMine, onTheirs }: Props<Draft>) {
  const { t } = useTranslation()
  return (
    <div className={classes.versions}>
      <p role="alert">{t('form.clash')}</p>
      {clash.fields.map((field) => (
        <section key={String(field)} className={classes.version}>
          <h3>{nameOf(field)}</h3>
          <div className={classes.side}>
            <small>{t('form.mine')}</small>
            {say(clash.mine, field) || '—'}
          </div>
          <div className={classes.side}>
            <small>{t('form.theirs')}</small>
            {say(clash.theirs, field) || '—'}
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
