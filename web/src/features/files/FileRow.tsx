import { ActionIcon, Button, Menu, TextInput } from '@mantine/core'
import {
  IconDots,
  IconDownload,
  IconFile,
  IconFileSpreadsheet,
  IconFileText,
  IconFileTypePdf,
  IconFileZip,
  IconPencil,
  IconPhoto,
  IconTrash,
} from '@tabler/icons-react'
import { type FormEvent, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useSession } from '~/features/sessions/session'
import { Colleague } from '~/features/users'
import { bytes, dayAndTime, nearDay } from '~/ui/formats'
import { FileLink } from './FileLink'
import classes from './Files.module.css'
import { type CardFile, contentOf, hasThumbnail, type Look, lookOf, nameFor, shownName } from './files'
import { useDelete, useRename } from './queries'

const LOOKS: Record<Look, typeof IconFile> = {
  image: IconPhoto,
  pdf: IconFileTypePdf,
  sheet: IconFileSpreadsheet,
  words: IconFileText,
  archive: IconFileZip,
  text: IconFileText,
  other: IconFile,
}

/** One file of a card: what it is, how large, since when and by whom, and what can be done with it. */
export function FileRow({ file }: { file: CardFile }) {
  const { t } = useTranslation()
  const { user } = useSession()
  const [doing, setDoing] = useState<'rename' | 'delete' | null>(null)
  const remove = useDelete()
  const Icon = LOOKS[lookOf(file.media_type)]
  const name = shownName(file.name)
  const mayChange = file.author_id === user.id || `${file.subject}:update` in user.grants
  return (
    <li className={classes.file}>
      <span className={classes.look}>
        {hasThumbnail(file) ? (
          <img src={contentOf(file.id)} alt="" loading="lazy" className={classes.thumbnail} />
        ) : (
          <Icon size={18} stroke={1.6} />
        )}
      </span>
      <div className={classes.what}>
        {doing === 'rename' ? (
          <Rename file={file} close={() => setDoing(null)} />
        ) : (
          <FileLink file={file} className={classes.name} />
        )}
        {doing === 'delete' ? (
          <div className={classes.sure}>
            <span>{t('files.sure')}</span>
            <Button
              size="compact-xs"
              color="red"
              loading={remove.isPending}
              onClick={() => remove.mutate(file)}
              autoFocus
            >
              {t('files.delete')}
            </Button>
            <Button size="compact-xs" variant="default" onClick={() => setDoing(null)}>
              {t('files.keep')}
            </Button>
          </div>
        ) : (
          <p className={classes.small}>
            <span className="num">{bytes(file.size)}</span>
            <time dateTime={file.created_at} title={dayAndTime(file.created_at)}>
              {nearDay(file.created_at)}
            </time>
            <Colleague id={file.author_id} face={false} />
          </p>
        )}
      </div>
      {/* What was chosen takes the focus: given back to the button, it would end the renaming at once. */}
      <Menu position="bottom-end" width={190} withinPortal returnFocus={doing === null}>
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" size={32} aria-label={t('files.more', { name })}>
            <IconDots size={16} stroke={1.8} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            component="a"
            href={contentOf(file.id)}
            download=""
            leftSection={<IconDownload size={16} stroke={1.7} />}
          >
            {t('files.download')}
          </Menu.Item>
          {mayChange && (
            <>
              <Menu.Item leftSection={<IconPencil size={16} stroke={1.7} />} onClick={() => setDoing('rename')}>
                {t('files.rename')}
              </Menu.Item>
              <Menu.Item
                color="red"
                leftSection={<IconTrash size={16} stroke={1.7} />}
                onClick={() => setDoing('delete')}
              >
                {t('files.delete')}
              </Menu.Item>
            </>
          )}
        </Menu.Dropdown>
      </Menu>
    </li>
  )
}

/** The name as a field; Enter keeps it, Escape leaves it as it was. */
function Rename({ file, close }: { file: CardFile; close: () => void }) {
  const { t } = useTranslation()
  const rename = useRename()
  const [name, setName] = useState(file.name)
  function keep(event?: FormEvent) {
    event?.preventDefault()
    // The field that Enter sent also loses the focus: the name is sent once.
    if (!rename.isIdle) return
    const chosen = nameFor(name)
    if (!name.trim() || chosen === file.name) return close()
    rename.mutate({ file, name: chosen }, { onSettled: close })
  }
  return (
    <form onSubmit={keep}>
      <TextInput
        size="xs"
        aria-label={t('files.name')}
        value={name}
        maxLength={200}
        disabled={rename.isPending}
        autoFocus
        onChange={(event) => setName(event.currentTarget.value)}
        onKeyDown={(event) => event.key === 'Escape' && close()}
        onBlur={() => keep()}
      />
    </form>
  )
}
