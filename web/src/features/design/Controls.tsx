import { Button, PasswordInput, SegmentedControl, Select, TextInput } from '@mantine/core'
import { IconPlus } from '@tabler/icons-react'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { Face } from '~/ui/Face'
import { FilterChip } from '~/ui/list/FilterChip'
import { Pill } from '~/ui/Pill'
import { commandKey } from '~/ui/platform'
import { Section } from '~/ui/Section'
import classes from './Design.module.css'

const PEOPLE = ['Mojca Golob', 'Игорь Петров', '+386 41 234 567']

/** What is pressed, filled in and chosen. */
export function Controls() {
  const { t } = useTranslation()
  const [chosen, setChosen] = useState<string | undefined>('a')
  const [chip, setChip] = useState<string | undefined>('a')
  const choices = [
    { value: 'a', label: t('design.first') },
    { value: 'b', label: t('design.second') },
  ]
  return (
    <div className={classes.two}>
      <Section title={t('design.acting')}>
        <p className={classes.note}>{t('design.actingText')}</p>
        <div className={classes.row}>
          <Button leftSection={<IconPlus size={16} />}>{t('design.primary')}</Button>
          <Button variant="default">{t('design.other')}</Button>
          <Button variant="subtle">{t('design.quiet')}</Button>
          <Button color="red" variant="light">
            {t('design.takesAway')}
          </Button>
        </div>
        <div className={classes.row}>
          <Button loading>{t('design.primary')}</Button>
          <Button disabled>{t('design.primary')}</Button>
          <Button size="compact-sm" variant="default">
            {t('design.small')}
          </Button>
          <kbd>{commandKey('K')}</kbd>
        </div>
        <div className={classes.row}>
          <FilterChip label={t('design.filter')} value={chip} choices={choices} onChange={setChip} />
          <FilterChip label={t('design.filter')} value={undefined} choices={choices} onChange={setChip} />
          <SegmentedControl
            size="xs"
            aria-label={t('design.filter')}
            data={choices}
            value={chosen ?? ''}
            onChange={setChosen}
          />
        </div>
        <div className={classes.row}>
          <Pill>{t('design.plain')}</Pill>
          <Pill meaning="accent">{t('design.chosen')}</Pill>
          <Pill meaning="good">{t('callResult.answered')}</Pill>
          <Pill meaning="warn">{t('design.soon')}</Pill>
          <Pill meaning="bad">{t('callResult.missed')}</Pill>
        </div>
        <div className={classes.row}>
          {PEOPLE.map((name) => (
            <Face key={name} name={name} />
          ))}
          <Face name="Okna Novak" square />
          <Face name="Mojca Golob" size="lg" />
        </div>
      </Section>
      <Section title={t('design.fields')}>
        <TextInput label={t('people.name')} placeholder="Mojca Golob" description={t('design.fieldHint')} />
        <TextInput label={t('people.email')} defaultValue="mojca@golob" error={t('design.fieldWrong')} />
        <PasswordInput
          label={t('door.password')}
          defaultValue="voronka"
          autoComplete="off"
          visibilityToggleButtonProps={{ 'aria-label': t('door.showPassword') }}
        />
        <Select label={t('design.filter')} data={choices} value={chosen ?? null} onChange={(v) => v && setChosen(v)} />
        <TextInput label={t('people.phone')} defaultValue="+386 40 222 001" disabled />
      </Section>
    </div>
  )
}
