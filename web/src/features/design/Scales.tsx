import { useTranslation } from 'react-i18next'
import { Section } from '~/ui/Section'
import classes from './Design.module.css'
import { SIZES, SPACES } from './tokens'

/** How large text is, how far things stand apart. */
export function Scales() {
  const { t } = useTranslation()
  return (
    <div className={classes.two}>
      <Section title={t('design.type')}>
        <dl className={classes.type}>
          {SIZES.map((size) => (
            <div key={size}>
              <dt>
                <code>{size}</code>
              </dt>
              <dd style={{ fontSize: `var(--text-${size})` }}>{t('design.sample')}</dd>
            </div>
          ))}
        </dl>
        <p className={classes.weights}>
          <span style={{ fontWeight: 400 }}>{t('design.weight.read')}</span>
          <span style={{ fontWeight: 500 }}>{t('design.weight.act')}</span>
          <span style={{ fontWeight: 600 }}>{t('design.weight.head')}</span>
        </p>
      </Section>
      <Section title={t('design.space')}>
        <dl className={classes.type}>
          {SPACES.map((space) => (
            <div key={space}>
              <dt>
                <code>{space}</code>
              </dt>
              <dd>
                <i className={classes.step} style={{ width: `var(--${space})` }} />
              </dd>
            </div>
          ))}
        </dl>
        <ul className={classes.boxes}>
          <li style={{ borderRadius: 'var(--radius)' }}>
            <code>radius</code>
          </li>
          <li style={{ borderRadius: 'var(--radius-lg)' }}>
            <code>radius-lg</code>
          </li>
          <li style={{ boxShadow: 'var(--shadow-1)' }}>
            <code>shadow-1</code>
          </li>
          <li style={{ boxShadow: 'var(--shadow-2)' }}>
            <code>shadow-2</code>
          </li>
          <li style={{ height: 'var(--tap)' }}>
            <code>tap</code>
          </li>
        </ul>
      </Section>
    </div>
  )
}
