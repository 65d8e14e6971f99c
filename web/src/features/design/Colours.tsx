import { useTranslation } from 'react-i18next'
import { Pill } from '~/ui/Pill'
import { Section } from '~/ui/Section'
import classes from './Design.module.css'
import { GREYS, MEANINGS } from './tokens'

/** What each colour means, by day and by night. */
export function Colours() {
  const { t } = useTranslation()
  return (
    <Section title={t('design.colours')}>
      <p className={classes.note}>{t('design.coloursText')}</p>
      <div className={classes.schemes}>
        {(['light', 'dark'] as const).map((scheme) => (
          <div key={scheme} className={classes.scheme} data-mantine-color-scheme={scheme}>
            <p className={classes.name}>{t(`me.scheme.${scheme}`)}</p>
            <ul className={classes.swatches}>
              {GREYS.map((name) => (
                <li key={name}>
                  <i style={{ background: `var(--${name})` }} />
                  <code>{name}</code>
                </li>
              ))}
            </ul>
            <dl className={classes.meanings}>
              {MEANINGS.map((name) => (
                <div key={name}>
                  <dt>
                    <Pill meaning={name}>{name}</Pill>
                  </dt>
                  <dd>{t(`design.meaning.${name}`)}</dd>
                </div>
              ))}
            </dl>
          </div>
        ))}
      </div>
    </Section>
  )
}
