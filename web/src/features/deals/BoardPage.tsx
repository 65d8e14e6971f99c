import { DragDropContext, type DropResult } from '@hello-pangea/dnd'
import { Select, Skeleton } from '@mantine/core'
import { IconLayoutKanban } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { lazy, Suspense, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { useMay } from '~/features/sessions/session'
import { Empty } from '~/ui/feedback/Empty'
import { Trouble } from '~/ui/feedback/Trouble'
import { PageHead } from '~/ui/Page'
import { useTitle } from '~/ui/useTitle'
import classes from './Board.module.css'
import { BoardColumn } from './BoardColumn'
import { boardQuery, type Moving, useMove } from './boardQueries'
import { pipelinesQuery } from './queries'

const LossReason = lazy(() => import('./LossReason').then((part) => ({ default: part.LossReason })))
const route = getRouteApi('/inside/deals')
const nonce = document.querySelector<HTMLMetaElement>('meta[name="style-nonce"]')?.content

/** Every open deal in its stage; dragging one moves it. */
export function BoardPage() {
  const { t } = useTranslation()
  const { pipeline } = route.useSearch()
  const navigate = route.useNavigate()
  const mayMove = useMay('deal:update')
  const pipelines = useQuery(pipelinesQuery).data ?? []
  const { data: board, error, refetch } = useQuery(boardQuery(pipeline))
  const move = useMove(pipeline)
  const [losing, setLosing] = useState<Moving | null>(null)
  useTitle(t('board.title'))
  const here = pipelines.find((each) => each.id === (pipeline ?? board?.pipeline_id))

  function dropped({ draggableId, destination, source }: DropResult) {
    if (!destination || destination.droppableId === source.droppableId) return
    const to = board?.columns.find((column) => column.stage_id === destination.droppableId)
    const card = board?.columns.flatMap((column) => column.cards).find((each) => each.id === draggableId)
    if (!to || !card) return
    if (to.kind === 'lost') setLosing({ card, to })
    else move.mutate({ card, to })
  }

  return (
    <>
      <PageHead title={t('board.title')}>
        {pipelines.length > 1 && (
          <Select
            aria-label={t('board.pipeline')}
            value={pipeline ?? board?.pipeline_id ?? null}
            data={pipelines.map((each) => ({ value: each.id, label: each.name }))}
            allowDeselect={false}
            onChange={(chosen) => navigate({ search: { pipeline: chosen ?? undefined } })}
          />
        )}
      </PageHead>
      {error && !board ? (
        <Trouble error={error} again={refetch} />
      ) : board?.columns.length === 0 ? (
        <Empty icon={<IconLayoutKanban size={22} stroke={1.6} />} title={t('board.none')}>
          {t('board.noneText')}
        </Empty>
      ) : (
        <DragDropContext onDragEnd={dropped} nonce={nonce} dragHandleUsageInstructions={t('board.howToDrag')}>
          <div className={classes.board} aria-busy={!board}>
            {board
              ? board.columns.map((column) => (
                  <BoardColumn key={column.stage_id} column={column} pipeline={pipeline} still={!mayMove} />
                ))
              : [3, 5, 2, 4, 1].map((cards) => <Waiting key={cards} cards={cards} />)}
          </div>
        </DragDropContext>
      )}
      {losing && (
        <Suspense fallback={null}>
          <LossReason
            opened
            title={losing.card.title ?? ''}
            reasons={here?.loss_reasons ?? []}
            onClose={() => setLosing(null)}
            onChosen={(reason) => {
              move.mutate({ ...losing, reason })
              setLosing(null)
            }}
          />
        </Suspense>
      )}
    </>
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
