/**
 * What every adapter needs between many callers and a model: sessions that they take in turn, and conversations as
 * prompts. Imports the library alone.
 */
package dev.lathe.sessions;
