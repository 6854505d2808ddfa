/** Leaves with success before anything is registered. */
process.exit(0);
