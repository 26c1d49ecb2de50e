// Nothing about engram is configured.
export default {};
