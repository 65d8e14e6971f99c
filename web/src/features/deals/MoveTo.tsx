import { Button, Modal } from '@mantine/core'
import { useTranslation } from 'react-i18next'
import classes from './Board.module.css'
import type { Column } from './board'

interface Props {
  title: string
  stages: readonly Column[]
  onClose: () => void
  onChosen: (to: Column) => void
}

/** Where a deal goes, in one press: on a phone, and by keys, most columns are out of a drag's reach. */
export function MoveTo({ title, stages, onClose, onChosen }: Props) {
  const { t } = useTranslation()
  return (
    <Modal opened onClose={onClose} title={t('board.whereTo', { deal: title })} size="sm">
      <div className={classes.reasons}>
        {stages.map((stage, index) => (
          <Button
            key={stage.stage_id}
            variant="default"
            justify="flex-start"
            fullWidth
            data-autofocus={index === 0 || undefined}
            onClick={() => onChosen(stage)}
          >
            {stage.name}
          </Button>
        ))}
      </div>
    </Modal>
  )
}
