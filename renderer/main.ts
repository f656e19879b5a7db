/** The renderer's entry: finds the host, mounts the interface. */
import { mount } from 'svelte';
import App from './App.svelte';
import { findBridge } from './api.ts';
import { Application } from './state/application.svelte.ts';
import './styles/base.css';

mount(App, { target: document.getElementById('app')!, props: { app: new Application(findBridge()) } });
