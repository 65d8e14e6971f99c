import { Button } from '@mantine/core'
import { useClipboard } from '@mantine/hooks'
import { IconCheck, IconCopy } from '@tabler/icons-react'
import { useId } from 'react'
import { useTranslation } from 'react-i18next'
import classes from './CopyLine.module.css'

/** A text to be taken elsewhere, whole: one press copies it, one click marks it. */
export function CopyLine({ label, value }: { label: string; value: string }) {
  const { t } = useTranslation()
  const id = useId()
  const { copied, copy } = useClipboard({ timeout: 2500 })
  return (
    <div className={classes.line}>
      <span id={id} className={classes.label}>
        {label}
      </span>
      <div className={classes.box} role="group" aria-labelledby={id}>
        <code className={classes.value}>{value}</code>
        <Button
          size="compact-sm"
          variant="default"
          leftSection={copied ? <IconCheck size={14} stroke={2} /> : <IconCopy size={14} stroke={1.7} />}
          onClick={() => copy(value)}
        >
          {copied ? t('common.copied') : t('common.copy')}
        </Button>
      </div>
    </div>
  )
}
