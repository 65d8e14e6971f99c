import { Button, Modal } from '@mantine/core'
import classes from './Board.module.css'

interface Props {
  question: string
  answers: readonly { key: string; label: string }[]
  onClose: () => void
  onPicked: (key: string) => void
}

/** A question that one press answers; the first answer has the focus. */
export function PickOne({ question, answers, onClose, onPicked }: Props) {
  return (
    <Modal opened onClose={onClose} title={question} size="sm">
      <div className={classes.answers}>
        {answers.map(({ key, label }, index) => (
          <Button
            key={key}
            variant="default"
            justify="flex-start"
            fullWidth
            data-autofocus={index === 0 || undefined}
            onClick={() => onPicked(key)}
          >
            {label}
          </Button>
        ))}
      </div>
    </Modal>
  )
}
