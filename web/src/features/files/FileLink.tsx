import { type CardFile, contentOf, opens, shownName } from './files'

/** A file by its name: a press shows it where a browser safely can, and saves it else. */
export function FileLink({
  file,
  className,
}: {
  file: Pick<CardFile, 'id' | 'name' | 'media_type'>
  className?: string
}) {
  const way = opens(file.media_type) ? { target: '_blank', rel: 'noopener' } : { download: '' }
  return (
    <a href={contentOf(file.id)} className={className} title={shownName(file.name)} {...way}>
      <bdi>{shownName(file.name)}</bdi>
    </a>
  )
}
