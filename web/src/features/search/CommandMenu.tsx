import { Modal, Skeleton } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { IconArrowRight, IconSearch } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useRouter } from '@tanstack/react-router'
import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { readable } from '~/features/cards/phones'
import { Face } from '~/ui/Face'
import classes from './CommandMenu.module.css'
import { type Choice, choicesOf, type Place } from './choices'
import { searchQuery } from './queries'

interface Props {
  opened: boolean
  onClose: () => void
  places: readonly Place[]
}

/** One box that finds everything and goes everywhere; arrows choose, Enter goes. */
export function CommandMenu({ opened, onClose, places }: Props) {
  const { t } = useTranslation()
  const router = useRouter()
  const list = useId()
  const [text, setText] = useState('')
  const [here, setHere] = useState(0)
  const shown = useRef<HTMLDivElement>(null)
  const [q] = useDebouncedValue(text.trim(), 120)
  const { data, isFetching, error } = useQuery(searchQuery(q))
  const groups = choicesOf(text.trim(), q ? data : undefined, places)
  const all = groups.flatMap((group) => group.choices)
  const chosen = all[Math.min(here, all.length - 1)]

  // biome-ignore lint/correctness/useExhaustiveDependencies: another text begins at the top again
  useEffect(() => setHere(0), [text])
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is chosen stays in sight
  useEffect(() => {
    shown.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: 'nearest' })
  }, [here])

  function go(choice: Choice | undefined) {
    if (!choice) return
    onClose()
    setText('')
    router.history.push(choice.href)
  }

  function pressed(event: KeyboardEvent) {
    if (event.key === 'ArrowDown') setHere(Math.min(here + 1, all.length - 1))
    else if (event.key === 'ArrowUp') setHere(Math.max(here - 1, 0))
    else if (event.key === 'Enter') go(chosen)
    else return
    event.preventDefault()
  }

  const waiting = q !== '' && (isFetching || q !== text.trim()) && !data
  return (
    <Modal
      opened={opened}
      onClose={onClose}
      withCloseButton={false}
      centered={false}
      yOffset="12dvh"
      padding={0}
      size={560}
      attributes={{ content: { 'aria-label': t('nav.search') } }}
    >
      <div className={classes.box}>
        <IconSearch size={18} stroke={1.7} />
        <input
          data-autofocus
          className={classes.input}
          role="combobox"
          aria-expanded="true"
          aria-controls={list}
          aria-activedescendant={chosen && `${list}-${chosen.href}`}
          aria-label={t('nav.search')}
          placeholder={t('search.placeholder')}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          onKeyDown={pressed}
          maxLength={100}
        />
        <kbd>Esc</kbd>
      </div>
      <div
        ref={shown}
        className={classes.found}
        id={list}
        role="listbox"
        aria-label={t('search.results')}
        tabIndex={-1}
      >
        {groups.map((group) => (
          <div key={group.word} role="group" aria-label={t(`search.${group.word}`)}>
            <p className={classes.group}>{t(`search.${group.word}`)}</p>
            {group.choices.map((choice) => (
              // biome-ignore lint/a11y/useKeyWithClickEvents: the box above holds the focus and takes the keys
              <div
                key={choice.href}
                id={`${list}-${choice.href}`}
                role="option"
                tabIndex={-1}
                aria-selected={choice === chosen}
                className={classes.choice}
                onMouseMove={() => setHere(all.indexOf(choice))}
                onClick={() => go(choice)}
              >
                {choice.face ? (
                  <Face name={choice.label} square={choice.face === 'square'} />
                ) : (
                  <IconArrowRight size={16} stroke={1.7} />
                )}
                <span className={classes.name}>{readable(choice.label)}</span>
                {choice.hint && <span className={`${classes.hint} num`}>{readable(choice.hint)}</span>}
              </div>
            ))}
          </div>
        ))}
        {waiting && <Skeleton height={14} width="55%" m="md" />}
        {q && data && !isFetching && !all.length && <p className={classes.none}>{t('search.nothing', { q })}</p>}
        {q && error && !data && <p className={classes.none}>{t('search.failed')}</p>}
        {q && data?.notice && <p className={classes.note}>{t(`search.notice.${data.notice}`)}</p>}
        {q && data?.partial && <p className={classes.note}>{t('search.partial')}</p>}
        {!text && <p className={classes.note}>{t('search.teach')}</p>}
      </div>
    </Modal>
  )
}
