import { Button, Modal } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import classes from './Board.module.css'

interface Props {
  title: string
  reasons: readonly string[]
  onClose: () => void
  onChosen: (reason: string) => void
}

/** Why a deal was lost: one press, from the reasons the company counts. */
export function LossReason({ title, reasons, onClose, onChosen }: Props) {
  const { t } = useTranslation()
  return (
    <Modal opened onClose={onClose} title={t('board.whyLost', { deal: title })} size="sm">
      <div className={classes.reasons}>
        {reasons.map((reason, index) => (
          <Button
            key={reason}
            variant="default"
            justify="flex-start"
            fullWidth
            data-autofocus={index === 0 || undefined}
            onClick={() => onChosen(reason)}
          >
            {reason}
          </Button>
        ))}
      </div>
    </Modal>
  )
}
