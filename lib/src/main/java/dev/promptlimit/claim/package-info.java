/**
 * Claims: published statements, how each is put to the test, and verdicts.
 *
 * <p>Notes for developers: an id is a contract with experiment files; statements are quoted with
 * their source, and what the source leaves open is said.
 */
package dev.promptlimit.claim;
