import { Button, Group, Modal, Text } from '@mantine/core'
import { IconArrowBackUp } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Job } from './job'
import type { Kind } from './kinds'
import { useAct } from './queries'

/** Takes an import back, after saying what that does. */
export function UndoButton({ kind, job }: { kind: Kind; job: Job }) {
  const { t } = useTranslation()
  const [asking, setAsking] = useState(false)
  const act = useAct(kind, job.id)
  const { create = 0, update = 0 } = job.counts
  return (
    <>
      <Button
        variant="default"
        leftSection={<IconArrowBackUp size={16} stroke={1.8} />}
        onClick={() => setAsking(true)}
      >
        {t('imports.undo')}
      </Button>
      <Modal opened={asking} onClose={() => setAsking(false)} title={t('imports.undoTitle')}>
        {create > 0 && <Text>{t('imports.undoMade', { count: create })}</Text>}
        {update > 0 && <Text>{t('imports.undoChanged', { count: update })}</Text>}
        <Text mt="sm">{t('imports.undoKeeps')}</Text>
        <Group justify="flex-end" mt="xl" gap="sm">
          <Button variant="subtle" color="gray" onClick={() => setAsking(false)}>
            {t('common.cancel')}
          </Button>
          <Button
            color="red"
            data-autofocus
            loading={act.isPending}
            onClick={() => act.mutate('undo', { onSettled: () => setAsking(false) })}
          >
            {t('imports.undo')}
          </Button>
        </Group>
      </Modal>
    </>
  )
}
