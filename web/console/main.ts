/** The staff console's entry: signs in, then shows the rooms that the person's role opens. */
import ElementPlus from 'element-plus'
import 'element-plus/dist/index.css'
import 'element-plus/theme-chalk/dark/css-vars.css'
import { createPinia } from 'pinia'
import { createApp } from 'vue'

import App from './App.vue'
import { makeRouter } from './router'
import './styles/console.css'

const pinia = createPinia()
createApp(App).use(pinia).use(makeRouter(pinia)).use(ElementPlus).mount('#console')
