export { FiguresPage } from './FiguresPage'
