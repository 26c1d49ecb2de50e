'use client';

import * as engram from 'engram';
import { useEffect } from 'react';

import { learn, show } from '../../task.js';

export function Learner() {
  useEffect(() => show(learn(engram)), []);
  return <p>learning</p>;
}
