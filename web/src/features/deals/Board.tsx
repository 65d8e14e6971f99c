import type { DropResult } from '@hello-pangea/dnd'
import { Skeleton } from '@mantine/core'
import { IconLayoutKanban } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { lazy, Suspense, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useMay } from '~/features/sessions/session'
import { Empty } from '~/ui/feedback/Empty'
import { Trouble } from '~/ui/feedback/Trouble'
import classes from './Board.module.css'
import { BoardColumn } from './BoardColumn'
import type { Card, Column } from './board'
import { boardQuery, type Moving, useMove } from './boardQueries'
import { AskingContext, DraggingContext, useDragging } from './dragging'
import { pipelinesQuery } from './queries'

const PickOne = lazy(() => import('./PickOne').then((part) => ({ default: part.PickOne })))
const nonce = document.querySelector<HTMLMetaElement>('meta[name="style-nonce"]')?.content

/** Every open deal in its stage; dragging one moves it, and so does saying where it goes. */
export function Board({ pipeline }: { pipeline: string | undefined }) {
  const { t } = useTranslation()
  const mayMove = useMay('deal:update')
  const pipelines = useQuery(pipelinesQuery).data ?? []
  const { data: board, error, refetch } = useQuery(boardQuery(pipeline))
  const move = useMove(pipeline)
  const dragging = useDragging(mayMove && !!board?.columns.length)
  const [asked, setAsked] = useState<Card | null>(null)
  const [losing, setLosing] = useState<Moving | null>(null)
  const here = pipelines.find((each) => each.id === (pipeline ?? board?.pipeline_id))

  function dropped({ draggableId, destination }: DropResult) {
    if (destination) send(draggableId, destination.droppableId)
  }

  function send(id: string, stage: string) {
    const to = board?.columns.find((column) => column.stage_id === stage)
    const from = columnOf(id)
    const card = from?.cards.find((each) => each.id === id)
    if (!to || !from || !card || from === to) return
    if (to.kind === 'lost') setLosing({ card, from, to })
    else move.mutate({ card, from, to })
  }

  function columnOf(id: string) {
    return board?.columns.find((column) => column.cards.some((card) => card.id === id))
  }

  function elsewhere(id: string): readonly Column[] {
    return board?.columns.filter((column) => column !== columnOf(id)) ?? []
  }

  if (error && !board) return <Trouble error={error} again={refetch} />
  if (board?.columns.length === 0) {
    return (
      <Empty icon={<IconLayoutKanban size={22} stroke={1.6} />} title={t('board.none')}>
        {t('board.noneText')}
      </Empty>
    )
  }
  const columns = (
    <div className={classes.board} aria-busy={!board} data-movable={dragging ? true : undefined}>
      {board
        ? board.columns.map((column) => <BoardColumn key={column.stage_id} column={column} pipeline={pipeline} />)
        : [3, 5, 2, 4, 1].map((cards) => <Waiting key={cards} cards={cards} />)}
    </div>
  )
  return (
    <AskingContext value={mayMove ? setAsked : null}>
      <DraggingContext value={dragging}>
        {dragging ? (
          <dragging.DragDropContext
            onDragEnd={dropped}
            nonce={nonce}
            dragHandleUsageInstructions={t('board.howToDrag')}
          >
            {columns}
          </dragging.DragDropContext>
        ) : (
          columns
        )}
        {asked && (
          <Suspense>
            <PickOne
              question={t('board.whereTo', { deal: asked.title })}
              answers={elsewhere(asked.id).map(({ stage_id, name }) => ({ key: stage_id, label: name }))}
              onClose={() => setAsked(null)}
              onPicked={(stage) => {
                send(asked.id, stage)
                setAsked(null)
              }}
            />
          </Suspense>
        )}
        {losing && (
          <Suspense>
            <PickOne
              question={t('board.whyLost', { deal: losing.card.title })}
              answers={(here?.loss_reasons ?? []).map((reason) => ({ key: reason, label: reason }))}
              onClose={() => setLosing(null)}
              onPicked={(reason) => {
                move.mutate({ ...losing, reason })
                setLosing(null)
              }}
            />
          </Suspense>
        )}
      </DraggingContext>
    </AskingContext>
  )
}

function Waiting({ cards }: { cards: number }) {
  return (
    <div className={classes.column}>
      <div className={classes.head}>
        <Skeleton height={12} width="50%" />
      </div>
      <div className={classes.cards}>
        {Array.from({ length: cards }, (_, n) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: shapes have no names
          <Skeleton key={n} height={84} radius="md" mb={8} />
        ))}
      </div>
    </div>
  )
}
