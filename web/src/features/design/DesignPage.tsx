import { useTranslation } from 'react-i18next'
import { PageHead } from '~/ui/Page'
import { useTitle } from '~/ui/useTitle'
import { Colours } from './Colours'
import { Controls } from './Controls'
import classes from './Design.module.css'
import { Feedback } from './Feedback'
import { Scales } from './Scales'

/** The language of this client on one page: each part is the one that the other pages use. */
export function DesignPage() {
  const { t } = useTranslation()
  useTitle(t('design.title'))
  return (
    <>
      <PageHead title={t('design.title')} />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys */}
      <div className={classes.page} data-sample tabIndex={0} role="region" aria-label={t('design.title')}>
        <p className={classes.lead}>{t('design.lead')}</p>
        <Colours />
        <Scales />
        <Controls />
        <Feedback />
      </div>
    </>
  )
}
