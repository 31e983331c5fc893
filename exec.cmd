@rem On Windows: stands for the exec of other shells in the scripts of package.json.
@%*
