import { Button, FileButton, Skeleton } from '@mantine/core'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useTranslation } from 'react-i18next'
import { useMay } from '~/features/sessions/session'
import { Section } from '~/ui/Section'
import { FileRow } from './FileRow'
import classes from './Files.module.css'
import type { Target } from './files'
import { filesQuery } from './queries'
import { UploadRow } from './UploadRow'
import { useArrivals } from './useArrivals'
import { useUploads } from './useUploads'

/** The files on a card: dropped anywhere on its page, pasted, or chosen. */
export function FilesPanel(target: Target) {
  const { t } = useTranslation()
  const may = useMay(`${target.subject}:update`)
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery(filesQuery(target))
  const { uploads, send, again, drop } = useUploads(target)
  const over = useArrivals(may ? send : null)
  const files = data?.pages.flatMap((page) => page.items) ?? []
  const nothing = data && !files.length && !uploads.length
  const choose = (
    <FileButton multiple onChange={send}>
      {(button) => (
        <Button size="compact-xs" variant="default" {...button}>
          {t('files.add')}
        </Button>
      )}
    </FileButton>
  )
  return (
    <Section title={t('files.title')} action={may && choose}>
      <div className={classes.panel} data-over={over || undefined}>
        {(uploads.length > 0 || files.length > 0) && (
          <ul className={classes.files}>
            {uploads.map((upload) => (
              <UploadRow key={upload.key} upload={upload} again={() => again(upload)} drop={() => drop(upload)} />
            ))}
            {files.map((file) => (
              <FileRow key={file.id} file={file} />
            ))}
          </ul>
        )}
        {nothing && <p className={classes.none}>{may ? t('files.none') : t('files.noneRead')}</p>}
        {!data && !error && <Skeleton height={36} radius="md" aria-busy="true" />}
        {error && !data && (
          <Button variant="subtle" size="compact-sm" onClick={() => refetch()}>
            {t('files.again')}
          </Button>
        )}
        {hasNextPage && (
          <Button variant="subtle" size="compact-sm" loading={isFetchingNextPage} onClick={() => fetchNextPage()}>
            {t('files.older')}
          </Button>
        )}
        {over && <div className={classes.over}>{t('files.drop')}</div>}
      </div>
    </Section>
  )
}
