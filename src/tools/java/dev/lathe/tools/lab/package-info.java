/**
 * Commands around {@code dev.lathe.lab}: how good a model is (Perplexity, Evaluate, Route), what requests cost
 * (Footprint, Costs), records of runs (Runs, Replay), and what is predicted, chosen and planned from them (Predict,
 * Tune, Choose, Scaling, Plan, Context, Corpus).
 *
 * <p>May import {@code dev.lathe.tools.command} and the exported packages of Lathe.
 */
package dev.lathe.tools.lab;
