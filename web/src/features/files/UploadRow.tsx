import { ActionIcon, Button, Progress } from '@mantine/core'
import { IconFileUpload, IconX } from '@tabler/icons-react'
import { useTranslation } from 'react-i18next'
import { wordsOf } from '~/ui/feedback/words'
import { bytes } from '~/ui/formats'
import classes from './Files.module.css'
import { shownName } from './files'
import type { Upload } from './useUploads'

/** A file on its way, or why it did not arrive. */
export function UploadRow({ upload, again, drop }: { upload: Upload; again: () => void; drop: () => void }) {
  const { t } = useTranslation()
  const { file, share, trouble } = upload
  const name = shownName(upload.name)
  const words = trouble && wordsOf(trouble, t)
  return (
    <li className={classes.file} data-failed={trouble ? true : undefined}>
      <span className={classes.look}>
        <IconFileUpload size={18} stroke={1.6} />
      </span>
      <div className={classes.what} role={trouble ? 'alert' : undefined}>
        <span className={classes.name}>
          <bdi>{name}</bdi>
        </span>
        {words ? (
          <>
            <p className={classes.trouble}>{words.title}</p>
            <p className={classes.small}>{words.advice}</p>
            {trouble.passing && (
              <Button size="compact-xs" variant="default" mt={4} onClick={again}>
                {t('common.tryAgain')}
              </Button>
            )}
          </>
        ) : (
          <>
            <Progress.Root size={4} mt={4}>
              <Progress.Section value={share * 100} aria-label={t('files.sending', { name })} />
            </Progress.Root>
            <p className={`${classes.small} num`}>
              {t('files.sent', { sent: bytes(share * file.size), size: bytes(file.size) })}
            </p>
          </>
        )}
      </div>
      <ActionIcon
        variant="subtle"
        color="gray"
        size={32}
        aria-label={trouble ? t('files.forget', { name }) : t('files.stop', { name })}
        onClick={drop}
      >
        <IconX size={16} stroke={1.8} />
      </ActionIcon>
    </li>
  )
}
