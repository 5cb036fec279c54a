// What holds as long as the page is open.
import type { About } from './api'

export const session: { about: About; region: string } = { about: { readOnly: true, regions: [] }, region: '' }
