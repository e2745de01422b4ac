/** Everything in the second script. */
import styles from 'virtual:panel-styles'

import CaseBlock from './CaseBlock.vue'
import CasesPanel from './CasesPanel.vue'
import FaqPanel from './FaqPanel.vue'
import FeedbackReasons from './FeedbackReasons.vue'
import MenuSheet from './MenuSheet.vue'
import MessagePanel from './MessagePanel.vue'
import QueueBanner from './QueueBanner.vue'
import RatingBlock from './RatingBlock.vue'
import RatingPanel from './RatingPanel.vue'
import { words } from './words'

export { styles, words }

export const views = {
  faq: FaqPanel,
  cases: CasesPanel,
  rating: RatingPanel,
  message: MessagePanel,
  menu: MenuSheet,
  reasons: FeedbackReasons,
  queue: QueueBanner,
  caseBlock: CaseBlock,
  ratingBlock: RatingBlock,
}
