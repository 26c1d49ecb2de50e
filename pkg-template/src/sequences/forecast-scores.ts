// How far forecasts are from what came, beside the forecasts that need no model.

import { errorsOf, type RegressionScores } from './regression-scores.js';

/** How far forecasts of so many steps ahead are from what came; of several outputs, the means over these. */
export interface AheadScores extends RegressionScores {
  /** What repeating the last value would get. */
  last: RegressionScores;
  /**
   * What the value of the same place in the last season would get, or the last value where that is missing; where a
   * season was given.
   */
  season?: RegressionScores;
  /** Values that were compared. */
  count: number;
}

/** How well a predictor does on series. */
export interface ForecastEvaluation extends AheadScores {
  /** For each step ahead, from 1; NaN where no series is so long. The others are means over these. */
  ahead: AheadScores[];
  /** Says so where the forecasts are no better than repeating the last value, or the last season. */
  advice?: string;
}

/** Forecasts of one output so many steps ahead, what came, and what needs no model. */
interface Pairs {
  targets: number[];
  forecasts: number[];
  last: number[];
  season: number[];
}

function mean(scores: readonly RegressionScores[]): RegressionScores {
  if (scores.length === 0) return { mae: Number.NaN, rmse: Number.NaN };
  return {
    mae: scores.reduce((sum, { mae }) => sum + mae / scores.length, 0),
    rmse: scores.reduce((sum, { rmse }) => sum + rmse / scores.length, 0),
  };
}

/** Collects forecasts. */
export class ForecastJudge {
  readonly #hasSeason: boolean;
  /** (steps ahead, outputs). */
  readonly #pairs: Pairs[][];

  constructor(ahead: number, outputs: number, hasSeason: boolean) {
    this.#hasSeason = hasSeason;
    this.#pairs = Array.from({ length: ahead }, () =>
      Array.from({ length: outputs }, () => ({ targets: [], forecasts: [], last: [], season: [] })),
    );
  }

  /** Takes the forecast of an output, `ahead` steps from 0; gaps are passed over. */
  take(ahead: number, output: number, target: number, forecast: number, last: number, season: number): void {
    if (Number.isNaN(target) || Number.isNaN(last)) return;
    const pairs = this.#pairs[ahead]?.[output] as Pairs;
    pairs.targets.push(target);
    pairs.forecasts.push(forecast);
    pairs.last.push(last);
    // A season that was missing is told from the last value.
    pairs.season.push(Number.isNaN(season) ? last : season);
  }

  #scores(outputs: readonly Pairs[]): AheadScores {
    const judged = outputs.filter(({ targets }) => targets.length > 0);
    const of = (name: 'forecasts' | 'last' | 'season') =>
      mean(judged.map((pairs) => errorsOf(pairs.targets, pairs[name])));
    return {
      ...of('forecasts'),
      last: of('last'),
      ...(this.#hasSeason ? { season: of('season') } : {}),
      count: judged.reduce((sum, { targets }) => sum + targets.length, 0),
    };
  }

  /** The scores; undefined where there was nothing to compare. `advice` says what may help. */
  finish(advice: string): ForecastEvaluation | undefined {
    const ahead = this.#pairs.map((outputs) => this.#scores(outputs));
    const judged = ahead.filter(({ count }) => count > 0);
    if (judged.length === 0) return undefined;
    const found = {
      ...mean(judged),
      last: mean(judged.map(({ last }) => last)),
      ...(this.#hasSeason ? { season: mean(judged.map(({ season }) => season as RegressionScores)) } : {}),
      count: judged.reduce((sum, { count }) => sum + count, 0),
      ahead,
    };
    const named: [string, RegressionScores | undefined][] = [
      ['repeating the last value', found.last],
      ['repeating the last season', found.season],
    ];
    const better = named.filter(([, scores]) => scores !== undefined && !(found.rmse < scores.rmse));
    if (better.length === 0) return found;
    const which = better.map(([name, scores]) => `${name} (rmse ${scores?.rmse.toPrecision(3)})`).join(' and ');
    return {
      ...found,
      advice: `the forecasts (rmse ${found.rmse.toPrecision(3)}) are no better than ${which}. ${advice}`,
    };
  }
}
